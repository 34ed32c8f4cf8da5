import type { DescribedTrack, Track } from '../mp4/track.ts'
import { type AdoptedMedia, continuationOf, divideWhenRead } from './adopted-media.ts'
import { type BandwidthMeter, createBandwidthMeter } from './bandwidth.ts'
import { emptyGap, gapBeside, newGap } from './gap.ts'
import type { RenditionPlan, RenditionStreamOptions } from './rendition-options.ts'
import { newSegment, type Part, type PartPlace, type Segment, type SegmentStart } from './segment.ts'
import { createSegmentWindow, type SegmentWindow } from './segment-window.ts'
import { createWaitList, type WaitList } from './wait-list.ts'

/**
 * All media of one rendition that viewers can fetch. A method that publishes makes all its changes first, so
 * that no request sees half of them.
 */
export class RenditionStream {
  readonly plan: RenditionPlan
  readonly hasParts: boolean
  readonly window: SegmentWindow
  /** Requests that wait until media is published. */
  readonly waits: WaitList
  readonly #options: RenditionStreamOptions
  readonly #meter: BandwidthMeter
  /** Init segments by epoch number. */
  readonly #inits = new Map<number, Buffer>()
  #track: Track | undefined
  /** Number of the present epoch; 0 before the first epoch. */
  #epoch = 0
  #open: Segment | undefined
  #nextMsn: number
  #endMs: number | undefined
  #hintsNextSegment = false
  #isEnded = false
  /** What another transcoder published, until it is listed with the first media of this one. */
  adopted: AdoptedMedia | undefined
  /** Whether nothing is added any more, because the source has changed. It may be added to again later. */
  isDropped = false

  constructor(options: RenditionStreamOptions) {
    const { plan, hasParts, targetDuration, startMsn } = options
    this.plan = plan
    this.hasParts = hasParts
    const onForgotten = (segment: Segment) => options.onForgotten(plan, segment)
    this.window = createSegmentWindow({ ...options, onForgotten })
    // A request that waited for more than three target durations should get a 503 (RFC 8216bis 6.2.5.2).
    this.waits = createWaitList({ holdMs: 3 * targetDuration * 1000 })
    this.#options = options
    this.#meter = createBandwidthMeter(targetDuration)
    this.#nextMsn = startMsn
    this.adopted = options.adopted
  }

  /** The segment that is growing; undefined between segments. */
  get open() {
    return this.#open
  }
  /** The segment that is growing, once it has parts that playlists list; undefined otherwise. */
  get listedOpen() {
    return this.hasParts && this.#open && this.#open.parts.length > 0 ? this.#open : undefined
  }
  get track() {
    return this.#track
  }
  /** Media sequence number of the next segment to be completed. */
  get nextMsn() {
    return this.#nextMsn
  }
  /** Time at which the published media ends, ms of session time; undefined before the first part. */
  get endMs() {
    return this.#endMs
  }
  get isEnded() {
    return this.#isEnded
  }
  /** Whether the playlist has a segment or a part. */
  get isPlayable() {
    return this.window.listed.length > 0 || this.listedOpen !== undefined
  }
  get bandwidth() {
    return this.#meter.measure(this.#open)
  }

  /** The part that players may request before it exists; undefined when no part is hinted. */
  get hint(): PartPlace | undefined {
    const [epoch, open] = [this.#epoch, this.#open]
    if (!this.hasParts || this.#isEnded || epoch === 0) return undefined
    if (open && !this.#hintsNextSegment) return { epoch, msn: open.msn, part: open.parts.length }
    return { epoch, msn: open ? open.msn + 1 : this.#nextMsn, part: 0 }
  }

  /**
   * Begins an epoch, to which the next hint, init segment and gaps belong. Requests that wait for a part of
   * the previous epoch end with 404, because that part will not come.
   */
  beginEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#published()
  }

  /** Sets the track of the present epoch. @throws Error when the epoch already has another one */
  setTrack({ track, init }: DescribedTrack): void {
    const known = this.#inits.get(this.#epoch)
    if (known !== undefined && !known.equals(init)) throw new Error('the track changed within an epoch')
    this.#track = track
    this.#inits.set(this.#epoch, known ?? init)
  }

  /** Whether there has been media, or a segment is open. */
  get hasBegun() {
    return this.#open !== undefined || this.#endMs !== undefined
  }

  /** Opens a segment. The previous one must have been closed. */
  openSegment(start: SegmentStart): void {
    this.#open = newSegment(start)
    this.#nextMsn = start.msn
    this.#hintsNextSegment = false
  }

  /**
   * Publishes a part of the open segment; has no effect when none is open. `isLast`: the segment probably
   * ends with it, so the next hint is for the next segment. `arrivedAt`: time of arrival of its last byte, ms
   * of `performance.now()`.
   */
  addPart(part: Part, isLast: boolean, arrivedAt: number): void {
    if (!this.#open) return
    this.#open.parts.push(part)
    this.#open.durationMs += part.durationMs
    this.#endMs = part.endMs
    this.#hintsNextSegment = isLast
    if (this.hasParts) {
      this.#listAdopted(this.#open)
      this.#published()
    }
    this.#options.onPartDelay?.(this.plan.kind, (performance.now() - arrivedAt) / 1000)
  }

  /**
   * Closes the open segment. `lengthMs`: time from its start to the start of the next one; by default to the
   * end of its media. A segment without media becomes a gap of this length; without `lengthMs` it is dropped.
   *
   * The length of video includes frames that are missing and that other renditions have. Players place a
   * segment by the sum of the lengths before it, so they would otherwise show this rendition too early.
   */
  closeSegment(lengthMs?: number): void {
    const segment = this.#open
    this.#open = undefined
    this.#hintsNextSegment = false
    if (!segment) return
    if (segment.parts.length > 0) {
      const mediaMs = (this.#endMs ?? segment.startMs) - segment.startMs
      if (this.plan.kind === 'video') segment.durationMs = lengthMs ?? Math.max(mediaMs, segment.durationMs)
      this.#list(segment)
    } else if (lengthMs !== undefined) this.#list(newGap(segment, lengthMs))
    this.#published()
  }

  /**
   * Publishes a gap in place of the next segment. `segment`: that segment in another rendition; undefined
   * when none has it.
   */
  addGap(segment: Segment | undefined): void {
    const place = { msn: this.#nextMsn, epoch: this.#epoch, endMs: this.#endMs }
    this.#list(segment ? gapBeside(segment, this.#endMs) : emptyGap(place, this.window.listed.at(-1)))
    this.#published()
  }

  setDropped(isDropped: boolean): void {
    if (isDropped === this.isDropped) return
    this.isDropped = isDropped
    this.#published()
  }

  end(): void {
    this.#isEnded = true
    this.#published()
  }

  init(epoch: number): Buffer | undefined {
    return this.#inits.get(epoch) ?? this.adopted?.inits.get(epoch)
  }

  /**
   * Returns a complete segment of an epoch; undefined if it has left the window or is a gap. Adopted segments
   * are available before they are listed.
   */
  segment(epoch: number, msn: number): Segment | undefined {
    const segment = this.window.find(msn) ?? this.adopted?.segments.find((each) => each.msn === msn)
    return segment?.epoch === epoch && !segment.isGap ? segment : undefined
  }

  /** Makes a gap of a listed segment, because its media is not available any more. */
  lose(segment: Segment): void {
    if (segment.isGap) return
    segment.isGap = true
    this.#published()
  }

  /** Returns a published part; undefined if it does not exist or playlists list no parts. */
  part({ epoch, msn, part }: PartPlace): Part | undefined {
    const segment = this.hasParts ? this.segmentAt(msn) : undefined
    return segment?.epoch === epoch ? segment.parts[part] : undefined
  }

  /** Returns a segment that is open or in the window; undefined when there is none. */
  segmentAt(msn: number): Segment | undefined {
    return this.#open?.msn === msn ? this.#open : this.window.find(msn)
  }

  /**
   * Completes a publication. Requests are released last, so that none gets a playlist that was rendered
   * before it.
   */
  #published() {
    this.#options.onPublish()
    this.waits.review()
  }

  /**
   * Lists what another transcoder published, together with the first media of this one: only that media shows
   * how long the gap between them is.
   */
  #listAdopted(next: Segment) {
    const { adopted } = this
    this.adopted = undefined
    if (adopted === undefined) return
    const segments = continuationOf(adopted, next, this.#options)
    if (segments === undefined) return
    for (const [epoch, init] of adopted.inits) this.#inits.set(epoch, init)
    this.window.discontinuitySequence = adopted.discontinuitySequence
    for (const segment of segments) {
      this.#meter.add(segment)
      this.window.add(segment)
      divideWhenRead(segment, () => this.lose(segment))
    }
  }

  #list(segment: Segment) {
    this.#listAdopted(segment)
    this.window.add(segment)
    this.#meter.add(segment)
    this.#nextMsn = segment.msn + 1
    this.#meter.forget((epoch) => this.window.holdsEpoch(epoch))
    for (const epoch of this.#inits.keys())
      if (epoch !== this.#epoch && !this.window.holdsEpoch(epoch)) this.#inits.delete(epoch)
    if (!segment.isGap) this.#options.onSegment(this.plan, segment)
  }
}
