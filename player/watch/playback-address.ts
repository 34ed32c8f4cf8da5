import { type ProbeAnswer, probeChannel } from './channel-probe.ts'

/** Where the show is played from: for a signed channel a URL with a token in it, which ends and is replaced in good time. */
export interface PlaybackAddress {
  /** URLs of the multivariant playlist that are good now, one for each edge. */
  readonly urls: Urls
  /** Whether URLs have a token in them. */
  readonly isSigned: boolean
  /** A URL that was read under a former token, as it is under the present one: all but the token is the same. */
  current(url: string): string
  /** Asks for another address at once; false when there is none to be had. */
  renew(): Promise<boolean>
}

type Urls = readonly [string, ...string[]]

/** What the manager answers. */
interface NextAddress {
  hls: string
  others: string[]
  renewAfterMs: number | null
}

export interface PlaybackAddressOptions {
  urls: Urls
  /** When to ask for others, ms; undefined when these stay good. */
  renewAfterMs: number | undefined
  /** Where to ask. */
  renewUrl: string
  request?: typeof fetch
  /** Gives a number in 0..1. */
  random?: () => number
}

const tokenPart = /\/live\/t\/[^/?#]+\//
const timeoutMs = 8000
/** After a failure it is tried again, ms; spread, as all here, so that a crowd that came together does not ask together. */
const retryMs = 10_000

export function createPlaybackAddress(options: PlaybackAddressOptions): PlaybackAddress {
  const { renewUrl, request = fetch, random = Math.random } = options
  let { urls } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: Promise<boolean> | undefined

  function later(ms: number | null | undefined) {
    clearTimeout(timer)
    if (ms !== null && ms !== undefined) timer = setTimeout(() => void renew(), ms * (0.75 + random() / 4))
  }

  async function ask(): Promise<boolean> {
    try {
      const response = await request(renewUrl, { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) })
      if (!response.ok) throw new Error(`status ${response.status}`)
      const next = (await response.json()) as NextAddress
      urls = [next.hls, ...next.others]
      later(next.renewAfterMs)
      return true
    } catch {
      later(retryMs)
      return false
    }
  }

  /** One question at a time. */
  function renew(): Promise<boolean> {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }

  later(options.renewAfterMs)
  return {
    get urls() {
      return urls
    },
    get isSigned() {
      return tokenPart.test(urls[0])
    },
    current(former) {
      const part = tokenPart.exec(urls[0])?.[0] ?? '/live/'
      return former.replace(tokenPart, () => part)
    },
    renew,
  }
}

/**
 * Asks whether the channel is live; a token that ended or was revoked meanwhile (the page slept, the manager was away) is
 * replaced first. A channel that was open when the page came may be signed by now.
 */
export function probeWithRenewal(address: PlaybackAddress, ask: typeof probeChannel = probeChannel) {
  return async (url: string, signal: AbortSignal): Promise<ProbeAnswer> => {
    const answer = await ask(url, signal)
    if (answer.kind !== 'forbidden' || !(await address.renew())) return answer
    signal.throwIfAborted()
    const again = address.urls.find((each) => new URL(each).origin === new URL(url).origin)
    return ask(again ?? address.urls[0], signal)
  }
}
