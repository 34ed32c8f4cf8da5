import type { PlaybackAddress } from '../edges/playback-address.ts'
import { parseRetryAfter } from './retry-after.ts'

/** What a request for the multivariant playlist has shown about the channel. */
export type ProbeResult =
  /** `session` is the prefix of the session's URIs, which identifies it. */
  | { kind: 'live'; playlist: string; session: string }
  | { kind: 'not_live'; retryAfterMs: number | undefined }
  /** The server sheds load. */
  | { kind: 'full'; retryAfterMs: number | undefined }
  /** The URL has no valid token. */
  | { kind: 'forbidden' }
  | { kind: 'unreachable' }

/**
 * Checks once whether the channel is live. Rejects only when `signal` aborts.
 * @param early the response to a request that was made before
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

/** Takes the session from the first URI of a multivariant playlist: all that precedes the file name. */
export function readMultivariant(playlist: string): ProbeResult {
  if (!playlist.startsWith('#EXTM3U')) return { kind: 'unreachable' }
  const uri = playlist.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'))
  return { kind: 'live', playlist, session: uri?.slice(0, Math.max(0, uri.lastIndexOf('/'))) ?? '' }
}

/**
 * Probes a channel that may be signed. A token that has expired or was revoked, because the page slept or the
 * manager was away, is replaced and the probe repeated. An open channel may also have become signed.
 */
export function probeWithRenewal(
  address: Pick<PlaybackAddress, 'urls' | 'renew'>,
  probe: Probe = probeChannel,
): Probe {
  return async (url, signal, early) => {
    const result = await probe(url, signal, early)
    if (result.kind !== 'forbidden' || !(await address.renew())) return result
    signal.throwIfAborted()
    const renewed = address.urls.find((each) => new URL(each).origin === new URL(url).origin)
    return probe(renewed ?? address.urls[0], signal)
  }
}
