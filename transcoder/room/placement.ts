import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { TranscoderOffer } from '../../core/contracts/transcode/transcoder-offers.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { segmentPlanFor } from '../packager/packager.ts'
import { type EncodeWork, encodeWorkOf, sumOf } from '../plan/encode-work.ts'
import type { Ladder } from '../plan/ladder.ts'
import { planTranscode } from '../plan/plan.ts'
import type { Room } from './room.ts'

export interface PlacementOptions {
  room: Pick<Room, 'has' | 'enter'>
  /** Returns what this transcoder can take. */
  own(): TranscoderOffer
  ladder: Ladder
  /** Segment length in the settings (NOWCAST_SEGMENT_MS), ms. */
  segmentMs: number
  session(sessionId: string): Promise<LiveSession | undefined>
  /** Returns what the live transcoders can take. */
  offers(): Promise<TranscoderOffer[]>
  /** Returns the time by a monotonic clock, ms; tests replace it. */
  now?: () => number
}

/**
 * Time for which a session is left to a transcoder with more room, ms. Then it is taken all the same. The
 * offer of a transcoder that died lapses in the same time.
 */
export const leaveMs = 5000
/** Time between two jobs of a session after which it is left again for `leaveMs`, ms. */
const forgetMs = 2000
/** Maximum number of sessions that are remembered as left to others. */
const maxLeft = 1000

/** Share of a capacity up to which work fits, with a tolerance for sums. */
const fits = 1 + 1e-9

/** A session that needs a transcoder. */
interface Newcomer {
  /** Work of its full ladder, megapixels/s. */
  work: number
  priority: number
}

/**
 * Returns how little a transcoder suits a session: 0 if its full ladder fits, otherwise the share of the
 * capacity that sessions of its priority and higher ones want; then the share that all sessions want. Above
 * 1 it does not fit.
 */
function fillWith({ work, priority }: Newcomer, { capacity, wanted }: TranscoderOffer) {
  if (capacity === null) return { ofEquals: 0, ofAll: 0 }
  const fillOf = (rivals: TranscoderOffer['wanted']) =>
    (sumOf(rivals.map((each) => each.work)) + work) / capacity
  const ofAll = fillOf(wanted)
  return { ofEquals: ofAll <= fits ? 0 : fillOf(wanted.filter((each) => each.priority >= priority)), ofAll }
}

/**
 * Whether a session does not fit into a transcoder, but another one has more room for it: its full ladder
 * fits there, or more of it.
 */
export function isBetterElsewhere(
  session: Newcomer,
  own: TranscoderOffer,
  offers: readonly TranscoderOffer[],
): boolean {
  const ownFill = fillWith(session, own)
  if (ownFill.ofAll <= fits) return false
  return offers.some((other) => {
    if (other.instance === own.instance || other.sessions >= other.maxSessions) return false
    const fill = fillWith(session, other)
    return (fill.ofEquals - ownFill.ofEquals || fill.ofAll - ownFill.ofAll) < 0
  })
}

/** Estimates the work of a session from what ingest has measured; no work while the source is unknown. */
function estimate(
  session: LiveSession | undefined,
  { ladder, segmentMs }: Pick<PlacementOptions, 'ladder' | 'segmentMs'>,
): EncodeWork {
  if (!session?.source) return { renditions: [], minimum: 0 }
  const { source, expectedGopMs } = session
  const followsSource = (source.video?.gopMs ?? expectedGopMs ?? 0) <= segmentPlanFor(segmentMs).maxSegmentMs
  return encodeWorkOf(planTranscode(source, { ladder, followsSource, fillsParts: () => true }))
}

/** Decides which sessions this transcoder takes, and keeps room for those that it does. */
export function createPlacement(options: PlacementOptions) {
  const { room, now = () => performance.now() } = options
  const left = new BoundedMap<string, { since: number; last: number }>(maxLeft)

  /** Whether the session has been left to others for long enough. One of them may be about to end. */
  function isLeftTooLong(sessionId: string): boolean {
    const known = left.get(sessionId)
    const since = known && now() - known.last < forgetMs ? known.since : now()
    left.set(sessionId, { since, last: now() })
    return now() - since >= leaveMs
  }

  return {
    /**
     * Returns whether this transcoder takes a session, which then has its place in the room. Rejects while
     * Redis is away.
     */
    async reserve(sessionId: string): Promise<boolean> {
      if (room.has(sessionId)) return true
      const session = await options.session(sessionId)
      const work = estimate(session, options)
      const offers = options.own().capacity === null ? [] : await options.offers()
      // No await after this: another job would see the same room.
      const priority = session?.priority ?? 0
      const newcomer = { work: sumOf(work.renditions), priority }
      if (isBetterElsewhere(newcomer, options.own(), offers) && !isLeftTooLong(sessionId)) return false
      left.delete(sessionId)
      room.enter(sessionId, priority, work)
      return true
    },
  }
}
