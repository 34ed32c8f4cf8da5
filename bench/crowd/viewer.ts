import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, openConnection } from './connection.ts'
import type { ShowOrigin } from './show-origin.ts'
import { partsPerSegment, type Rendition, renditions } from './show-playlist.ts'
import type { Tally } from './tally.ts'

export interface ViewerParts {
  url: URL
  base: string
  origin: Pick<ShowOrigin, 'madeAt'>
  /** Tells viewers apart: all come from one address. */
  userAgent: string
  tally: Tally
  signal: AbortSignal
}

/** What the end of a playlist says: what comes next, and the newest media. `part` undefined: there are no parts. */
interface Place {
  msn: number
  part: number | undefined
}

/** How long a player waits after an answer that is none, ms. */
const [retryMs, retrySpreadMs] = [300, 400]

/** Comes in by the multivariant playlist, waits outside while the show is full, then follows both renditions as hls.js does. */
export async function watchShow(parts: ViewerParts): Promise<void> {
  const { signal, tally } = parts
  const door = await open(parts)
  while (!signal.aborted && door !== undefined) {
    const answer = await ask(door, '/live/bench/index.m3u8', parts)
    if (answer?.status === 200) {
      tally.letIn += 1
      await Promise.all(
        renditions.map(async (rendition, index) =>
          follow(index === 0 ? door : await open(parts), rendition, parts),
        ),
      )
    } else if (answer?.status === 503 && answer.retryAfter > 0) {
      tally.turnedAway += 1
      await pause(answer.retryAfter * 1000 * (1 + Math.random() / 2), signal)
    } else {
      noteError(tally, answer?.status ?? 0)
      await pause(retryMs + Math.random() * retrySpreadMs, signal)
    }
  }
  door?.close()
}

async function open({ url, userAgent, tally, signal }: ViewerParts): Promise<Connection | undefined> {
  while (!signal.aborted) {
    const connection = await openConnection(url, userAgent).catch(() => undefined)
    if (connection !== undefined) {
      signal.addEventListener('abort', connection.close)
      return connection
    }
    tally.dropped += 1
    await pause(retryMs, signal)
  }
  return undefined
}

async function follow(first: Connection | undefined, rendition: Rendition, parts: ViewerParts) {
  const { base, origin, tally, signal } = parts
  const playlist = `${base}/${rendition}.m3u8`
  let connection = first
  let next: Place | undefined
  /** Asks and notes how late the answer was, counted from `madeAt` when that is later. */
  async function fetchGood(target: string, madeAt: number) {
    const askedAt = performance.now()
    const answer = connection && (await ask(connection, target, parts))
    if (signal.aborted) return undefined
    if (answer?.status === 200) {
      tally.late.push(performance.now() - Math.max(askedAt, madeAt))
      return answer
    }
    if (answer === undefined) connection = await open(parts)
    noteError(tally, answer?.status ?? 0)
    await pause(retryMs + Math.random() * retrySpreadMs, signal)
    return undefined
  }

  while (!signal.aborted) {
    const query =
      next === undefined
        ? ''
        : `?_HLS_msn=${next.msn}${next.part === undefined ? '' : `&_HLS_part=${next.part}`}`
    const madeAt = next === undefined ? 0 : origin.madeAt(next.msn, next.part)
    const answer = await fetchGood(playlist + query, madeAt)
    // After an error a player asks for the plain playlist.
    const place = answer && placeOf(answer.tail)
    const former = next
    next = place
    if (place === undefined || (former !== undefined && isSame(former, place))) continue
    await fetchGood(`${base}/1/${rendition}/${newestBefore(place)}.m4s`, 0)
  }
}

async function ask(connection: Connection, target: string, { tally, signal }: ViewerParts) {
  try {
    return await connection.ask(target)
  } catch {
    if (!signal.aborted) tally.dropped += 1
    return undefined
  }
}

function placeOf(tail: string): Place | undefined {
  const hint = /PRELOAD-HINT:TYPE=PART,URI="1\/[^/]+\/(\d+)\.(\d+)\.m4s"\s*$/.exec(tail)
  if (hint) return { msn: Number(hint[1]), part: Number(hint[2]) }
  const segment = /\/(\d+)\.m4s\s*$/.exec(tail)
  return segment ? { msn: Number(segment[1]) + 1, part: undefined } : undefined
}

/** The piece before the next one. */
function newestBefore({ msn, part }: Place): string {
  if (part === undefined) return `${msn - 1}`
  return part === 0 ? `${msn - 1}.${partsPerSegment - 1}` : `${msn}.${part - 1}`
}

const isSame = (one: Place, other: Place) => one.msn === other.msn && one.part === other.part

function noteError(tally: Tally, status: number) {
  tally.errors.set(status, (tally.errors.get(status) ?? 0) + 1)
  tally.lastErrorAt = performance.now()
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => {})
