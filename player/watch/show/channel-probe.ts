import { edgeOf, type PlaybackAddress } from '../edges/playback-address.ts'
import { parseRetryAfter } from './retry-after.ts'

/** What a request for the multivariant playlist has shown about the channel. */
export type ProbeResult =
  /** `session` is the prefix of the session's URIs, which identifies it. */
  | { kind: 'live'; playlist: string; session: string }
  | { kind: 'not_live'; retryAfterMs: number | undefined }
  /** The server refuses requests because it has too many (status 503 or 429). */
  | { kind: 'full'; retryAfterMs: number | undefined }
  /** The URL has no valid token. */
  | { kind: 'forbidden' }
  | { kind: 'unreachable' }

/**
 * Checks whether the channel is live. Rejects only when `signal` aborts.
 * @param early the response to a request that the head start has made, used instead of a new request
 */
export type Probe = (url: string, signal: AbortSignal, early?: Promise<Response>) => Promise<ProbeResult>

const timeoutMs = 8000

export const probeChannel: Probe = async (url, signal, early) => {
  try {
    const response = await (early ??
      fetch(url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        cache: 'no-store',
      }))
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now())
    if (response.status === 503 || response.status === 429) return { kind: 'full', retryAfterMs }
    if (response.status === 404 || response.status === 410) return { kind: 'not_live', retryAfterMs }
    if (response.status === 403) return { kind: 'forbidden' }
    if (!response.ok) return { kind: 'unreachable' }
    return readMultivariant(await response.text())
  } catch (error) {
    if (signal.aborted) throw error
    return { kind: 'unreachable' }
  }
}

/**
 * Reads a multivariant playlist. What precedes the file name in its first URI identifies the session. A text
 * that is not a playlist counts as `unreachable`.
 */
export function readMultivariant(playlist: string): ProbeResult {
  if (!playlist.startsWith('#EXTM3U')) return { kind: 'unreachable' }
  const uri = playlist.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'))
  return { kind: 'live', playlist, session: uri?.slice(0, Math.max(0, uri.lastIndexOf('/'))) ?? '' }
}

/**
 * Probes a channel that may be signed. When the edge refuses the token, the address is renewed and the probe
 * repeated once: the token may have expired while the page slept or the manager was away, or the channel was
 * public before.
 */
export function probeWithRenewal(
  address: Pick<PlaybackAddress, 'urls' | 'renew'>,
  probe: Probe = probeChannel,
): Probe {
  return async (url, signal, early) => {
    const result = await probe(url, signal, early)
    if (result.kind !== 'forbidden' || !(await address.renew())) return result
    signal.throwIfAborted()
    const renewed = address.urls.find((each) => edgeOf(each) === edgeOf(url))
    return probe(renewed ?? address.urls[0], signal)
  }
}
