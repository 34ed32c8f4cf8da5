import { parseRetryAfter } from './backoff.ts'

/** What asking for the multivariant playlist told. */
export type ProbeAnswer =
  | {
      kind: 'live' /** Text of the playlist. */
      playlist: string /** Names the session in its media URLs. */
      session: string
    }
  | { kind: 'not_live'; retryAfterMs: number | undefined }
  /** The server sheds load and asks to come back. */
  | { kind: 'full'; retryAfterMs: number | undefined }
  /** The address has no token that is good now. */
  | { kind: 'forbidden' }
  | { kind: 'unreachable' }

const timeoutMs = 8000

/**
 * Asks once whether the channel is live; never rejects, except when `signal` aborts.
 * @param asked an answer that is on its way already
 */
export async function probeChannel(
  url: string,
  signal: AbortSignal,
  asked?: Promise<Response>,
): Promise<ProbeAnswer> {
  try {
    const response = await (asked ??
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

/** Takes the session from the first URI of a multivariant playlist: all before the file name of a media playlist. */
export function readMultivariant(playlist: string): ProbeAnswer {
  if (!playlist.startsWith('#EXTM3U')) return { kind: 'unreachable' }
  const uri = playlist.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'))
  return { kind: 'live', playlist, session: uri?.slice(0, Math.max(0, uri.lastIndexOf('/'))) ?? '' }
}
