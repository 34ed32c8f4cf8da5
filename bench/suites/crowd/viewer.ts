import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, openConnection } from './connection.ts'
import { type CrowdStatistics, countError } from './crowd-statistics.ts'
import type { LowLatencyOrigin } from './low-latency-origin.ts'
import { partsPerSegment, type Rendition, renditions } from './playlists.ts'

export interface ViewerOptions {
  url: URL
  base: string
  origin: Pick<LowLatencyOrigin, 'madeAt'>
  /** All viewers have the same address, so the edge distinguishes them by their user agents. */
  userAgent: string
  statistics: CrowdStatistics
  signal: AbortSignal
}

/** What the end of a playlist announces: the next part, or the next segment when `part` is undefined. */
interface Position {
  msn: number
  part: number | undefined
}

/** After a failed request a player waits for `retryMs` and a random time of at most `retrySpreadMs`. */
const [retryMs, retrySpreadMs] = [300, 400]

/**
 * Requests the multivariant playlist, waits while the edge is full, then follows both renditions as hls.js
 * does, until `signal` aborts.
 */
export async function watchChannel(viewer: ViewerOptions): Promise<void> {
  const { signal, statistics } = viewer
  const connection = await connectUntilLeaving(viewer)
  while (!signal.aborted && connection !== undefined) {
    const response = await request(connection, '/live/bench/index.m3u8', viewer)
    if (response?.status === 200) {
      statistics.admitted += 1
      await Promise.all(
        renditions.map(async (rendition, index) =>
          follow(index === 0 ? connection : await connectUntilLeaving(viewer), rendition, viewer),
        ),
      )
    } else if (response?.status === 503 && response.retryAfter > 0) {
      statistics.turnedAway += 1
      await pause(response.retryAfter * 1000 * (1 + Math.random() / 2), signal)
    } else {
      countError(statistics, response?.status ?? 0)
      await pause(retryMs + Math.random() * retrySpreadMs, signal)
    }
  }
  connection?.close()
}

async function connectUntilLeaving(viewer: ViewerOptions): Promise<Connection | undefined> {
  const { url, userAgent, statistics, signal } = viewer
  while (!signal.aborted) {
    const connection = await openConnection(url, userAgent).catch(() => undefined)
    if (connection !== undefined) {
      signal.addEventListener('abort', connection.close)
      return connection
    }
    statistics.dropped += 1
    await pause(retryMs, signal)
  }
  return undefined
}

async function follow(first: Connection | undefined, rendition: Rendition, viewer: ViewerOptions) {
  const { base, origin, statistics, signal } = viewer
  const playlist = `${base}/${rendition}.m3u8`
  let connection = first
  let next: Position | undefined
  /**
   * Requests `target` and records the delay of the response since the request, or since `madeAt` if that is
   * later. After an error it pauses and resolves with undefined.
   */
  async function fetchGood(target: string, madeAt: number) {
    const requestedAt = performance.now()
    const response = connection && (await request(connection, target, viewer))
    if (signal.aborted) return undefined
    if (response?.status === 200) {
      statistics.delaysMs.push(performance.now() - Math.max(requestedAt, madeAt))
      return response
    }
    if (response === undefined) connection = await connectUntilLeaving(viewer)
    countError(statistics, response?.status ?? 0)
    await pause(retryMs + Math.random() * retrySpreadMs, signal)
    return undefined
  }

  while (!signal.aborted) {
    const query =
      next === undefined
        ? ''
        : `?_HLS_msn=${next.msn}${next.part === undefined ? '' : `&_HLS_part=${next.part}`}`
    const madeAt = next === undefined ? 0 : origin.madeAt(next.msn, next.part)
    const response = await fetchGood(playlist + query, madeAt)
    // After an error a player requests the plain playlist.
    const position = response && positionAfter(response.tail)
    const previous = next
    next = position
    if (position === undefined || (previous !== undefined && isSame(previous, position))) continue
    await fetchGood(`${base}/1/${rendition}/${newestBefore(position)}.m4s`, 0)
  }
}

/** Resolves with undefined when the server ended the connection, which counts as a drop. */
async function request(connection: Connection, target: string, { statistics, signal }: ViewerOptions) {
  try {
    return await connection.request(target)
  } catch {
    if (!signal.aborted) statistics.dropped += 1
    return undefined
  }
}

function positionAfter(tail: string): Position | undefined {
  const hint = /PRELOAD-HINT:TYPE=PART,URI="1\/[^/]+\/(\d+)\.(\d+)\.m4s"\s*$/.exec(tail)
  if (hint) return { msn: Number(hint[1]), part: Number(hint[2]) }
  const segment = /\/(\d+)\.m4s\s*$/.exec(tail)
  return segment ? { msn: Number(segment[1]) + 1, part: undefined } : undefined
}

/** Returns the name of the newest part or segment in a playlist that announces this position. */
function newestBefore({ msn, part }: Position): string {
  if (part === undefined) return `${msn - 1}`
  return part === 0 ? `${msn - 1}.${partsPerSegment - 1}` : `${msn}.${part - 1}`
}

const isSame = (one: Position, other: Position) => one.msn === other.msn && one.part === other.part

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => {})
