import { setTimeout as delay } from 'node:timers/promises'
import { createChannelRequests } from '../../test/kit/channel-requests.ts'
import type { ReadSegment } from '../../test/kit/playlist.ts'

/** What a playlist showed while it was followed. */
export interface RenditionRecord {
  /** Number of segments that became complete. */
  segments: number
  discontinuities: number
  /** Number of segments without media. */
  gaps: number
  /**
   * Number of media sequence numbers that were never listed, between the first and the last one that were.
   */
  missing: number
  /** Maximum difference between the date of a segment and the end of the one before, ms. */
  dateStepMs: number
  /** Longest time without new media in the playlist, ms. */
  longestWaitMs: number
  /** Number of requests that failed or whose status was not 200. */
  failures: number
}

/** Time from a failure to the next request, ms. */
const retryMs = 100

/** Follows the playlist of a rendition until `signal` aborts, by blocking reloads as players do. */
export async function recordRendition(
  base: string,
  uri: string,
  signal: AbortSignal,
): Promise<RenditionRecord> {
  const { playlistAt } = createChannelRequests(base)
  const segments = new Map<number, ReadSegment>()
  let { next } = await playlistAt(uri)
  const firstMsn = next.msn
  let newestAt = performance.now()
  let longestWaitMs = 0
  let failures = 0
  while (!signal.aborted) {
    const response = await playlistAt(uri, `_HLS_msn=${next.msn}&_HLS_part=${next.part}`).catch(
      () => undefined,
    )
    if (response?.status !== 200) {
      failures += 1
      await delay(retryMs)
      continue
    }
    const isNew = response.next.msn !== next.msn || response.next.part !== next.part
    if (isNew) {
      longestWaitMs = Math.max(longestWaitMs, response.arrivedAt - newestAt)
      newestAt = response.arrivedAt
    }
    next = response.next
    for (const segment of response.playlist.segments)
      if (segment.uri !== undefined && segment.msn >= firstMsn) segments.set(segment.msn, segment)
  }
  longestWaitMs = Math.max(longestWaitMs, performance.now() - newestAt)
  return { ...evaluate([...segments.values()]), longestWaitMs, failures }
}

function evaluate(segments: readonly ReadSegment[]): Omit<RenditionRecord, 'longestWaitMs' | 'failures'> {
  const steps = segments.flatMap(({ programDateTime }, i) => {
    const before = segments[i - 1]
    if (before?.programDateTime === undefined || programDateTime === undefined) return []
    return [Math.abs(programDateTime - before.programDateTime - before.duration * 1000)]
  })
  const numbers = segments.map(({ msn }) => msn)
  const span = numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers) + 1
  return {
    segments: segments.length,
    discontinuities: segments.filter(({ discontinuity }) => discontinuity).length,
    gaps: segments.filter(({ gap }) => gap).length,
    missing: span - segments.length,
    dateStepMs: Math.max(0, ...steps),
  }
}
