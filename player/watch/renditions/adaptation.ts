import type Hls from 'hls.js'
import { Events } from 'hls.js'
import type { Ahead } from '../network/ahead.ts'
import { arrivals } from '../network/arrivals.ts'
import type { DeliveryMode } from '../network/delivery-mode.ts'
import type { LinkWatch } from '../network/link-watch.ts'
import { bitratesOf, sameCodecs } from './levels.ts'
import { createMidSegmentChange, highestWithin } from './mid-segment-change.ts'
import { type NextRendition, prepareRendition, siblingMedia } from './next-rendition.ts'
import { type ChoiceReason, createRenditionChoice, highestFitting } from './rendition-choice.ts'
import { boundaryAfter } from './segment-boundary.ts'

export interface AdaptationOptions {
  link: Pick<LinkWatch, 'throughput' | 'roundTrip'>
  ahead: Ahead
  /** Adds CMCD and the current token to a playlist URL. */
  addQuery(url: string): string
  /** Distance from the live edge that playback aims for, seconds. */
  targetSeconds(): number
}

/** State of the adaptation, for `PlaybackStats`. */
export interface AdaptationView {
  why: ChoiceReason
  /** Index of the rendition that is being prepared; undefined when none is. */
  next: number | undefined
}

const chooseEveryMs = 200
/**
 * Buffer below which a change to a lower rendition does not wait for the next segment: the greater of
 * `emergencySeconds` and `emergencyShare` of the target distance.
 */
const emergencySeconds = 0.35
const emergencyShare = 0.3

/**
 * Changes the rendition at a boundary between segments, once the next rendition is prepared. Until then the
 * current one is loaded. With a short buffer, a change to a lower rendition does not wait: it happens within
 * a segment.
 */
export class Adaptation {
  readonly #options: AdaptationOptions
  readonly #choice = createRenditionChoice()
  readonly #midSegment: ReturnType<typeof createMidSegmentChange>
  #hls: Hls | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #committed = -1
  #next: { level: number; rendition: NextRendition } | undefined
  #crossed = -1
  /** The rendition of the last change, until `takePlaylist` has returned its playlist. */
  #entered: NextRendition | undefined
  #why: ChoiceReason = 'fits'

  constructor(options: AdaptationOptions) {
    this.#options = options
    this.#midSegment = createMidSegmentChange(options)
  }

  attach(hls: Hls): void {
    this.#hls = hls
    hls.on(Events.FRAG_LOADING, (_, data) => this.#midSegment.noteLoading(data))
    hls.on(Events.FRAG_BUFFERED, (_, data) => this.#midSegment.picture.noteBuffered(hls.media, data))
    hls.on(Events.FRAG_LOADED, (_, data) => {
      const isFirst = this.#midSegment.last === undefined
      this.#midSegment.noteLoaded(data, hls.levels[data.frag.level]?.details)
      // The next segment may be requested before the timer fires.
      if (isFirst) this.#choose()
    })
    this.#timer = setInterval(() => this.#choose(), chooseEveryMs)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#next?.rendition.close()
    this.#next = undefined
    this.#hls = undefined
  }

  get view(): AdaptationView {
    return { why: this.#why, next: this.#next?.level }
  }

  /** Index of the rendition to load next; -1 when no hls.js is attached. hls.js reads it before each load. */
  get level(): number {
    const hls = this.#hls
    if (hls === undefined) return -1
    if (this.#committed < 0) this.#committed = hls.startLevel >= 0 ? hls.startLevel : this.#firstLevel(hls)
    this.#crossIfReady(hls)
    return this.#committed
  }
  /** Set by hls.js to the level that it loads, and to another one after errors. */
  set level(level: number) {
    if (level >= 0) this.#committed = level
  }

  /** Whether loading may change to the prepared rendition at the beginning of segment `msn`. */
  isLeavingAt(msn: number): boolean {
    return this.#next?.rendition.isReady === true && msn > this.#crossed
  }

  /** Returns the playlist of the rendition of the last change, once; undefined for any other `url`. */
  takePlaylist(url: string) {
    const { pathname } = new URL(url)
    const rendition = this.#entered
    if (rendition === undefined || new URL(rendition.playlistUrl).pathname !== pathname) return undefined
    this.#entered = undefined
    return rendition.takePlaylist()
  }

  /** Returns the level to begin with when the head start has requested no media. */
  #firstLevel({ levels, maxAutoLevel, config }: Hls): number {
    const { estimate } = this.#options.link.throughput
    return Math.min(maxAutoLevel, highestFitting(levels.map(bitratesOf), estimate, modeOf(config)))
  }

  #crossIfReady(hls: Hls) {
    const next = this.#next
    const details = hls.levels[this.#committed]?.details
    if (!next?.rendition.isReady || !details) return
    const boundary = boundaryAfter(details, this.#midSegment.last)
    if (boundary === undefined || boundary.msn <= this.#crossed) return
    this.#enter(next, boundary.msn, hls.config.lowLatencyMode)
  }

  #enter({ level, rendition }: { level: number; rendition: NextRendition }, msn: number, usesParts: boolean) {
    rendition.cross(msn, usesParts)
    if (level > this.#committed) this.#choice.rose(performance.now())
    this.#entered = rendition
    this.#crossed = msn
    this.#committed = level
    this.#next = undefined
  }

  #choose() {
    const hls = this.#hls
    if (hls === undefined || !hls.autoLevelEnabled || this.#midSegment.last === undefined) return
    const indexes = sameCodecs(hls, this.#committed)
    const levels = indexes.flatMap((index) => {
      const level = hls.levels[index]
      return level ? [bitratesOf(level)] : []
    })
    const bufferSeconds = hls.mainForwardBufferInfo?.len ?? 0
    const targetSeconds = this.#options.targetSeconds()
    const isLate = this.#readArrivals(bufferSeconds)
    const choice = this.#choice.choose({
      atMs: performance.now(),
      levels,
      current: indexes.indexOf(this.#committed),
      max: Math.max(
        0,
        indexes.findLastIndex((index) => index <= hls.maxAutoLevel),
      ),
      estimate: this.#options.link.throughput.estimate,
      mode: modeOf(hls.config),
      isLate,
      bufferSeconds,
      targetSeconds,
    })
    const chosen = indexes[choice.level] ?? this.#committed
    this.#why = choice.why
    // A change down that is prepared is not taken back halfway.
    const level = chosen < this.#committed ? Math.min(chosen, this.#next?.level ?? chosen) : chosen
    // While the link gets slower, the rendition that is prepared will be needed, or a lower one.
    if (level === this.#committed) return choice.why === 'link gets slower' ? undefined : this.#drop()
    const reserveSeconds = Math.max(emergencySeconds, targetSeconds * emergencyShare)
    const shortfall = this.#midSegment.shortfall(hls, this.#committed)
    const isEmergency = isLate || (shortfall > 0 && bufferSeconds - shortfall < reserveSeconds)
    if (level < this.#committed && isEmergency) {
      // Another change within the segment would load it once more, so this one has to be low enough.
      const lower = indexes.filter((index) => index <= level)
      const inTime = this.#highestInTime(hls, lower, bufferSeconds)
      if (this.#midSegment.isQuicker(hls, this.#committed, inTime)) return this.#leaveNow(hls, inTime)
    }
    this.#prepare(hls, level)
  }

  /** Returns the highest of some levels in which a whole segment arrives before the buffer runs dry. */
  #highestInTime(hls: Hls, indexes: readonly number[], bufferSeconds: number): number {
    const segmentSeconds = hls.levels[this.#committed]?.details?.targetduration ?? 0
    const bits = bufferSeconds * this.#options.link.throughput.estimate.safe
    return highestWithin(hls.levels, indexes, segmentSeconds, bits)
  }

  /**
   * Lowers the bandwidth estimate to the rate at which media arrives now. Returns whether the media in
   * transit would arrive after the buffer has run dry.
   */
  #readArrivals(bufferSeconds: number): boolean {
    const { throughput, roundTrip } = this.#options.link
    const now = performance.now()
    const bits = arrivals.bits(now, roundTrip.least)
    if (bits === undefined) return false
    throughput.limit(bits, now)
    return (arrivals.left * 8) / bits > bufferSeconds
  }

  #drop() {
    this.#next?.rendition.close()
    this.#next = undefined
  }

  #prepare(hls: Hls, level: number) {
    if (this.#next?.level === level && !this.#next.rendition.hasFailed) return
    this.#drop()
    const url = hls.levels[level]?.uri
    if (url === undefined) return
    const { addQuery, ahead } = this.#options
    const known = level < this.#committed ? siblingMedia(hls, this.#committed, url) : undefined
    this.#next = { level, rendition: prepareRendition(url, addQuery, ahead, known) }
  }

  #leaveNow(hls: Hls, level: number) {
    this.#drop()
    const from = this.#committed
    this.#committed = level
    this.#midSegment.change(hls, from, level)
  }
}

const modeOf = ({ lowLatencyMode }: Hls['config']): DeliveryMode => (lowLatencyMode ? 'parts' : 'segments')
