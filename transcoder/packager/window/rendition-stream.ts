import type { DescribedTrack, Track } from '../mp4/track.ts'
import { type BandwidthMeter, createBandwidthMeter } from './bandwidth.ts'
import { newSegment, type Part, type Segment, type SegmentStart } from './segment.ts'
import { createSegmentWindow, type SegmentWindow, type WindowOptions } from './segment-window.ts'
import { createWaitList, type WaitList } from './wait-list.ts'

/** A rendition as planned. */
export interface RenditionPlan {
  /** Name in URLs: `1080p`, `720p`, … or `audio`. */
  name: string
  kind: 'video' | 'audio'
  /** Whether the coded frames are those of the publisher. */
  passthrough: boolean
}

export interface RenditionStreamOptions extends WindowOptions {
  plan: RenditionPlan
  startMsn: number
  /** Whether the playlist lists parts. */
  hasParts: boolean
  /** Called after each publication, before waiting requests are released. */
  onPublish: () => void
  /** Called for each part with the time from the arrival of its last byte to its publication, s. */
  onPartDelay: ((kind: RenditionPlan['kind'], seconds: number) => void) | undefined
}

/** Position of a part. */
export interface PartPlace {
  epoch: number
  msn: number
  part: number
}

/** Maximum error of a segment's length, ms: that of the duration of its last frame. */
const maxErrorMs = 100

/** Everything that viewers can fetch of one rendition. Every method that publishes does so in one step. */
export class RenditionStream {
  readonly plan: RenditionPlan
  readonly hasParts: boolean
  readonly window: SegmentWindow
  /** Requests that are held until media is published. */
  readonly waits: WaitList
  readonly #options: Pick<RenditionStreamOptions, 'onPublish' | 'onPartDelay'>
  readonly #meter: BandwidthMeter
  /** Init segments by epoch. */
  readonly #inits = new Map<number, Buffer>()
  #track: Track | undefined
  /** 0 before the first epoch. */
  #epoch = 0
  #open: Segment | undefined
  #nextMsn: number
  #endMs: number | undefined
  #hintsNextSegment = false
  #isEnded = false

  constructor(options: RenditionStreamOptions) {
    const { plan, hasParts, targetDuration, startMsn } = options
    this.plan = plan
    this.hasParts = hasParts
    this.window = createSegmentWindow(options)
    // RFC 8216bis 6.2.5.2: "A Server that cannot provide the requested Playlist after blocking for more than
    // three Target Durations SHOULD return Service Unavailable, such as HTTP 503."
    this.waits = createWaitList({ holdMs: 3 * targetDuration * 1000 })
    this.#options = options
    this.#meter = createBandwidthMeter(targetDuration)
    this.#nextMsn = startMsn
  }

  /** The segment that is growing. */
  get open() {
    return this.#open
  }
  /** The segment that is growing, if the playlist lists its parts and there are any. */
  get listedOpen() {
    return this.hasParts && this.#open && this.#open.parts.length > 0 ? this.#open : undefined
  }
  get track() {
    return this.#track
  }
  /** MSN of the next segment to be completed. */
  get nextMsn() {
    return this.#nextMsn
  }
  /** End of the published media, ms in the source's timestamps; undefined before the first part. */
  get endMs() {
    return this.#endMs
  }
  get isEnded() {
    return this.#isEnded
  }
  /** Whether there is anything to play. */
  get isPlayable() {
    return this.window.listed.length > 0 || this.listedOpen !== undefined
  }
  get bandwidth() {
    return this.#meter.measure(this.#open)
  }

  /** The part that viewers may request before it exists; undefined when none will come. */
  get hint(): PartPlace | undefined {
    const [epoch, open] = [this.#epoch, this.#open]
    if (!this.hasParts || this.#isEnded || epoch === 0) return undefined
    if (open && !this.#hintsNextSegment) return { epoch, msn: open.msn, part: open.parts.length }
    return { epoch, msn: open ? open.msn + 1 : this.#nextMsn, part: 0 }
  }

  /** Makes new segments belong to `epoch`. The part that was hinted before will not come. */
  beginEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#published()
  }

  /** Sets the track of the present epoch. It cannot change within an epoch. @throws Error */
  setTrack({ track, init }: DescribedTrack): void {
    const known = this.#inits.get(this.#epoch)
    if (known !== undefined && !known.equals(init)) throw new Error('the track changed within an epoch')
    this.#track = track
    this.#inits.set(this.#epoch, known ?? init)
  }

  /** Whether there is or was media. */
  get hasBegun() {
    return this.#open !== undefined || this.#endMs !== undefined
  }

  /** Opens a segment. The previous one must be closed. */
  openSegment(start: SegmentStart): void {
    this.#open = newSegment(start)
    this.#nextMsn = start.msn
    this.#hintsNextSegment = false
  }

  /**
   * Publishes a part of the open segment. `isLast`: it is probably the last one of the segment. `arrivedAt`:
   * when its last byte arrived, `performance.now()`.
   */
  addPart(part: Part, isLast: boolean, arrivedAt: number): void {
    if (!this.#open) return
    this.#open.parts.push(part)
    this.#open.durationMs += part.durationMs
    this.#endMs = part.endMs
    this.#hintsNextSegment = isLast
    if (this.hasParts) this.#published()
    this.#options.onPartDelay?.(this.plan.kind, (performance.now() - arrivedAt) / 1000)
  }

  /**
   * Closes the open segment. `lengthMs`: time from its start to that of the next one; without media it
   * becomes a gap of this length, or is dropped if none is given.
   */
  closeSegment(lengthMs?: number): void {
    const segment = this.#open
    this.#open = undefined
    this.#hintsNextSegment = false
    if (!segment) return
    if (segment.parts.length > 0) {
      // The duration of the last frame of video was an estimate.
      const isEstimate = this.plan.kind === 'video' && lengthMs !== undefined
      const errorMs = isEstimate ? lengthMs - segment.durationMs : 0
      if (Math.abs(errorMs) <= maxErrorMs) segment.durationMs += errorMs
      this.#list(segment)
    } else if (lengthMs !== undefined) this.#list({ ...segment, isGap: true, durationMs: lengthMs })
    this.#published()
  }

  /** Publishes a gap instead of the next segment, which only another rendition has, or none. */
  addGap(segment: Segment | undefined): void {
    this.#list(segment ? this.#gapFor(segment) : this.#emptyGap())
    this.#published()
  }

  #gapFor(segment: Segment): Segment {
    const lateMs = Math.max(0, (this.#endMs ?? segment.startMs) - segment.startMs)
    return {
      ...segment,
      startMs: segment.startMs + lateMs,
      date: segment.date + lateMs,
      durationMs: Math.max(0, segment.durationMs - lateMs),
      parts: [],
      isGap: true,
    }
  }

  #emptyGap(): Segment {
    const last = this.window.listed.at(-1)
    const date = last ? last.date + last.durationMs : Date.now()
    const start = { msn: this.#nextMsn, epoch: this.#epoch, startMs: this.#endMs ?? 0, date }
    return { ...newSegment({ ...start, hasDiscontinuity: false }), isGap: true }
  }

  end(): void {
    this.#isEnded = true
    this.#published()
  }

  /** Returns the init segment of an epoch. */
  init(epoch: number): Buffer | undefined {
    return this.#inits.get(epoch)
  }

  /** Returns a complete segment. */
  segment(epoch: number, msn: number): Segment | undefined {
    const segment = this.window.find(msn)
    return segment?.epoch === epoch && !segment.isGap ? segment : undefined
  }

  /** Returns a published part. */
  part({ epoch, msn, part }: PartPlace): Part | undefined {
    if (!this.hasParts) return undefined
    const segment = this.#open?.msn === msn ? this.#open : this.window.find(msn)
    return segment?.epoch === epoch ? segment.parts[part] : undefined
  }

  /** Waiting requests come last, so that they get what was just published and no playlist rendered before. */
  #published() {
    this.#options.onPublish()
    this.waits.review()
  }

  #list(segment: Segment) {
    this.window.add(segment)
    this.#meter.add(segment)
    this.#nextMsn = segment.msn + 1
    for (const epoch of this.#inits.keys())
      if (epoch !== this.#epoch && !this.window.holdsEpoch(epoch)) this.#inits.delete(epoch)
  }
}
