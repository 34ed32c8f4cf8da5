import type { WatchAddress } from '../../../core/api/watch-page.ts'
import {
  joinToken,
  playbackPrefix,
  splitToken,
  type TokenPath,
  tokenPrefix,
} from '../../../core/playback/media-paths.ts'

/**
 * URLs from which the channel is played. The URLs of a signed channel carry a playback token. They are
 * replaced well before the token expires.
 */
export interface PlaybackAddress {
  /**
   * URLs of the multivariant playlist, one for each edge. With a signed channel, they change with every
   * token.
   */
  readonly urls: Urls
  /** The one of `urls` that is in use. */
  readonly url: string
  /** Whether the URLs carry a token. */
  readonly isSigned: boolean
  /** Uses the next URL from now on, because an edge does not respond or is full. */
  useNextEdge(): void
  /**
   * Replaces an earlier token in a URL by the current one, or removes it when there is none now. The rest of
   * the URL stays the same.
   */
  currentUrl(url: string): string
  /** Requests new URLs at once. Resolves with false when the manager returns none. */
  renew(): Promise<boolean>
}

type Urls = readonly [string, ...string[]]

export interface PlaybackAddressOptions {
  urls: Urls
  /** Time after which the URLs should be replaced, ms; undefined when they stay valid. */
  renewAfterMs: number | undefined
  /** URL of the manager from which new URLs are requested. */
  renewUrl: string
  request?: typeof fetch
  /** Returns a random number from 0 to 1; `Math.random` by default. */
  random?: () => number
}

const timeoutMs = 8000
/** Maximum time to the next attempt after a failure, ms. */
const retryMs = 10_000

export function createPlaybackAddress(options: PlaybackAddressOptions): PlaybackAddress {
  const { renewUrl, request = fetch, random = Math.random } = options
  let { urls } = options
  let edgeIndex = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let renewal: Promise<boolean> | undefined

  /**
   * Requests new URLs after 75 to 100 % of `ms`, so that viewers who came together do not request together;
   * never if `ms` is missing.
   */
  function renewAfter(ms: number | null | undefined) {
    clearTimeout(timer)
    if (ms !== null && ms !== undefined) timer = setTimeout(() => void renew(), ms * (0.75 + random() / 4))
  }

  async function requestUrls(): Promise<boolean> {
    try {
      const response = await request(renewUrl, { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) })
      if (!response.ok) throw new Error(`status ${response.status}`)
      const next = (await response.json()) as WatchAddress
      urls = [next.hls, ...next.others]
      renewAfter(next.renewAfterMs)
      return true
    } catch {
      renewAfter(retryMs)
      return false
    }
  }

  /** Requests new URLs. All callers share one request at a time. */
  function renew(): Promise<boolean> {
    renewal ??= requestUrls().finally(() => {
      renewal = undefined
    })
    return renewal
  }

  renewAfter(options.renewAfterMs)
  return {
    get urls() {
      return urls
    },
    get url() {
      return urls[edgeIndex % urls.length] ?? urls[0]
    },
    get isSigned() {
      return splitUrl(urls[0]) !== undefined
    },
    useNextEdge() {
      edgeIndex += 1
    },
    currentUrl(url) {
      const split = splitUrl(url)
      if (split === undefined) return url
      const token = splitUrl(urls[0])?.token ?? ''
      return split.server + joinToken({ token, target: split.target })
    },
    renew,
  }
}

/**
 * Returns what the URLs of an edge begin with. Edges behind one proxy may differ in their paths only, and
 * such a path may contain `/live/` itself.
 */
export const edgeOf = (url: string): string => url.slice(0, url.lastIndexOf(playbackPrefix))

/** Matches a playback URL with a token: what the URLs of its edge begin with, and the rest. */
const tokenUrlExpression = new RegExp(`^([^?#]*)(${tokenPrefix}.*)$`)

/** Splits a playback URL at its token; undefined when it has none. */
function splitUrl(url: string): (TokenPath & { server: string }) | undefined {
  const [, server = '', target = ''] = tokenUrlExpression.exec(url) ?? []
  const split = splitToken(target)
  return split && { server, ...split }
}
