import type { MediaRecord } from '../../../viewer/media/media-record.ts'
import { createViewer } from '../../../viewer/viewer.ts'
import type { Viewer, ViewerKind } from '../../../viewer/viewer-options.ts'
import { createMovingConnections, type MovingConnections } from './moving-connections.ts'
import { createOutageWatch } from './outage-watch.ts'
import type { Steering } from './steering.ts'

export interface WatchedChannel {
  slug: string
  isLowLatency: boolean
  steering: Steering
}

/** Why a viewer began again. */
export type RejoinReason = 'player gave up' | 'playlist ended'

interface SeatOptions {
  index: number
  kind: ViewerKind
  channel: WatchedChannel
  record: MediaRecord
  urls: readonly URL[]
  /** Index of the edge to begin at. */
  edge: number
  random(): number
  onStall(viewer: string, from: number, to: number): void
  onRejoin(at: number, why: RejoinReason): void
}

/**
 * Time without a response after which a failed request makes the viewer leave an edge, ms: hls.js leaves it
 * when its retries after 1 and 3 s have failed too, the watch page at once.
 */
const patienceMs: Record<ViewerKind, number> = { page: 0, plain: 2500 }
/** Time from the end of the show for a viewer to the next viewer, ms. */
const replaceMs = 2000
/** Lengths of what viewers load, with and without parts, s. */
const [partSeconds, segmentSeconds] = [0.333, 2]

/** One viewer in a seat. `outages`: only of a watch page. */
interface Visit {
  viewer: Viewer
  connections: MovingConnections
  outages: ReturnType<typeof createOutageWatch> | undefined
}

/** The place of one viewer, who is replaced when the playlist ends. */
export class Seat {
  readonly name: string
  readonly #options: SeatOptions
  #visit: Visit
  #losses = 0
  /** Whether anyone here has seen a picture. */
  #hasPlayed = false
  /** Unix time, ms. */
  #stalledSince: number | undefined
  /** When the next viewer comes, Unix time, ms; undefined while there is one. */
  #nextAt: number | undefined

  constructor(options: SeatOptions) {
    this.#options = options
    this.name = `${options.kind} ${options.index}`
    this.#visit = enter(options, options.edge)
  }

  get isPlaying(): boolean {
    return this.#visit.viewer.figures.phase === 'playing'
  }
  /** Whether the viewer has a picture or had one: before that, there is nothing that could stall. */
  get hasPlayed(): boolean {
    return this.#hasPlayed
  }
  get edge(): number {
    return this.#visit.connections.at
  }

  /** Notes what has changed since the last look. `now`: Unix time, ms. */
  look(now: number): void {
    const { phase, losses, joinMs } = this.#visit.viewer.figures
    if (joinMs !== undefined) this.#hasPlayed = true
    if (losses > this.#losses) this.#options.onRejoin(now, 'player gave up')
    this.#losses = losses
    if (phase === 'left') this.#replace(now)
    if (!this.#hasPlayed) return
    this.#visit.outages?.look(this.#visit.viewer.bufferSeconds())
    if (!this.isPlaying) this.#stalledSince ??= now
    else this.#endStall(now)
  }

  /** Asks for the edge to use, as players do. */
  steer(): void {
    this.#visit.connections.moveTo(this.#options.channel.steering.choiceFor(this.edge))
  }

  /** Lets the viewer leave. A stall in progress ends. */
  leave(now: number): void {
    this.#endStall(now)
    this.#visit.outages?.close()
    this.#visit.viewer.leave()
  }

  #replace(now: number) {
    if (this.#nextAt === undefined) {
      this.#options.onRejoin(now, 'playlist ended')
      this.#nextAt = now + replaceMs
    }
    if (now < this.#nextAt) return
    this.#visit.outages?.close()
    this.#visit = enter(this.#options, this.edge)
    this.#losses = 0
    this.#nextAt = undefined
  }

  #endStall(now: number) {
    if (this.#stalledSince !== undefined) this.#options.onStall(this.name, this.#stalledSince, now)
    this.#stalledSince = undefined
  }
}

/** Lets a viewer join at an edge. */
function enter({ index, kind, channel, record, urls, random }: SeatOptions, first: number): Visit {
  let connections: MovingConnections | undefined
  const connect = (onDrop: () => void) => {
    const userAgent = `viewer-${index}`
    connections = createMovingConnections({ urls, first, userAgent, patienceMs: patienceMs[kind], onDrop })
    return connections
  }
  const { isLowLatency } = channel
  const path = `/live/${channel.slug}/index.m3u8`
  const viewer = createViewer(
    { record, connect },
    { ...{ kind, random, isPatient: true, isLowLatency, path }, viewerId: `v${index}` },
  )
  viewer.start()
  // A viewer opens its connections when it is created.
  const opened = connections as unknown as MovingConnections
  const watch = () => createOutageWatch(opened, path, isLowLatency ? partSeconds : segmentSeconds)
  return { viewer, connections: opened, outages: kind === 'page' ? watch() : undefined }
}
