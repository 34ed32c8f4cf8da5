import { setTimeout as delay } from 'node:timers/promises'
import { createChannelRequests } from '../../../test/kit/channel-requests.ts'
import { median } from '../../figures/statistics.ts'

/**
 * Ages of the newest media of a rendition, ms: wall clock minus the date of its end. Each is the median of a
 * whole minute. It may be negative by a frame, because a frame can arrive before its duration is over.
 */
export type Ages = number[]

/** Time from a failure to the next request, ms. */
const retryMs = 100

/**
 * Follows a rendition by blocking reloads until `signal` aborts. Each response adds a measurement. Returns
 * the ages of the whole minutes.
 */
export async function recordAges(base: string, uri: string, signal: AbortSignal): Promise<Ages> {
  const { playlistAt } = createChannelRequests(base)
  const minutes = new Map<number, number[]>()
  const startedAt = Date.now()
  let { next } = await playlistAt(uri)
  while (!signal.aborted) {
    const {
      status,
      playlist,
      next: newer,
    } = await playlistAt(uri, `_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
    const now = Date.now()
    const newest = playlist.segments.at(-1)
    if (status !== 200 || newest?.programDateTime === undefined) {
      await delay(retryMs)
      continue
    }
    next = newer
    const seconds = newest.uri
      ? newest.duration
      : newest.parts.reduce((sum, { duration }) => sum + duration, 0)
    const minute = Math.floor((now - startedAt) / 60_000)
    const ages = minutes.get(minute) ?? []
    minutes.set(minute, ages)
    ages.push(now - newest.programDateTime - seconds * 1000)
  }
  const wholeMinutes = Math.floor((Date.now() - startedAt) / 60_000)
  return Array.from({ length: wholeMinutes }, (_, minute) => median(minutes.get(minute) ?? []))
}
