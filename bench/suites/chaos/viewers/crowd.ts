import { createRandom } from '../../../../test/kit/random.ts'
import { createMediaRecord } from '../../../viewer/media/media-record.ts'
import { type RejoinReason, Seat, type WatchedChannel } from './seat.ts'
import type { Stall } from './stall.ts'

/** A viewer who began again. Unix time, ms. */
export interface Rejoin {
  at: number
  why: RejoinReason
}

interface CrowdOptions {
  edgeUrls: readonly string[]
  /** Viewers watch them in turn. */
  channels: readonly WatchedChannel[]
  viewers: number
  seed: number
}

/** Time in which all viewers arrive, and between two looks at them, ms. */
const [arriveMs, lookMs] = [10_000, 100]
/** Time between two questions of a player for its edge, ms. */
const steerMs = 5000

/**
 * Lets viewers watch all channels at all edges, from now on. They follow steering, leave an edge that does
 * not respond, and stay whatever happens, so that stalls are seen whole.
 */
export function startChaosCrowd({ edgeUrls, channels, viewers, seed }: CrowdOptions) {
  const random = createRandom(seed)
  const urls = edgeUrls.map((url) => new URL(url))
  const watched = channels.map((channel) => ({ channel, record: createMediaRecord() }))
  const seats: Seat[] = []
  const stalls: Stall[] = []
  const rejoins: Rejoin[] = []
  const timers = new Set<NodeJS.Timeout>()
  const totals = { playedMs: 0, stalledMs: 0 }
  let lookedAt = Date.now()

  function seatNext() {
    const index = seats.length
    const { channel, record } = watched[index % watched.length] as (typeof watched)[number]
    const seat = new Seat({
      ...{ index, channel, record, urls, random },
      kind: Math.floor(index / 2) % 2 === 0 ? 'page' : 'plain',
      edge: Math.floor(index / 4) % urls.length,
      onStall: (viewer, from, to) => void stalls.push({ viewer, slug: channel.slug, from, to }),
      onRejoin: (at, why) => void rejoins.push({ at, why }),
    })
    seats.push(seat)
    timers.add(setInterval(() => seat.steer(), steerMs))
  }

  function look() {
    const now = Date.now()
    const due = Math.min(viewers, ((now - startedAt) / arriveMs) * viewers)
    while (seats.length < due) seatNext()
    for (const seat of seats) {
      seat.look(now)
      if (seat.hasPlayed) totals[seat.isPlaying ? 'playedMs' : 'stalledMs'] += now - lookedAt
    }
    lookedAt = now
  }

  const startedAt = Date.now()
  timers.add(setInterval(look, lookMs))
  return {
    stalls: stalls as readonly Stall[],
    rejoins: rejoins as readonly Rejoin[],
    totals: totals as Readonly<typeof totals>,
    /** Returns the share of the viewers that see a moving picture now, 0 to 1. */
    playingShare: () => seats.filter(({ isPlaying }) => isPlaying).length / viewers,
    /** Returns the number of viewers at each edge. */
    atEdges: () => urls.map((_, edge) => seats.filter((seat) => seat.edge === edge).length),
    /** Forgets what was seen while viewers arrived. */
    begin(): void {
      stalls.length = 0
      rejoins.length = 0
      Object.assign(totals, { playedMs: 0, stalledMs: 0 })
    },
    /** Lets all viewers leave. Stalls in progress end now. */
    stop(): void {
      for (const timer of timers) clearInterval(timer)
      timers.clear()
      for (const seat of seats.splice(0)) seat.leave(Date.now())
    },
  }
}
