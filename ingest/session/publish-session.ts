import type { EndReason } from '../../core/contracts/end-reason.ts'
import { audioTag, flvHeader, scriptTag, sealTag, videoTag } from '../../core/media/flv-tag.ts'
import { compositionTimeOf, setCompositionTime } from '../../core/media/flv-video.ts'
import type { Source } from '../../core/media/source.ts'
import type { ClockCorrection } from '../clock/clock-fault.ts'
import { DecodeTime } from '../clock/decode-time.ts'
import { SessionClock } from '../clock/session-clock.ts'
import type { FlvSubscriber } from '../distribution/flv-subscriber.ts'
import { audioCacheMs, GopCache } from '../distribution/gop-cache.ts'
import { Subscribers } from '../distribution/subscribers.ts'
import { type Measures, SignalMeter } from '../measure/signal-meter.ts'
import { AudioIntake, type AudioUnit } from '../media/audio-intake.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import { VideoIntake } from '../media/video-intake.ts'
import type { VideoUnit } from '../media/video-unit.ts'
import type { PublishedSession } from '../publish/publish-sink.ts'
import { metadataTag } from '../rtmp/metadata.ts'
import { AudioMonitor } from './audio-monitor.ts'
import { BitrateCeiling } from './bitrate-ceiling.ts'
import { HeaderChanges } from './header-changes.ts'
import { type EndListener, PublishEnd } from './publish-end.ts'
import { type FormerPublish, type PublishSessionOptions, startAfter } from './publish-options.ts'
import { Readiness, undecodable } from './readiness.ts'
import { VideoMonitor } from './video-monitor.ts'

/**
 * One publish of a session. Packets pass through it: it corrects their times and form, measures them, and
 * sends them to the subscribers.
 */
export class PublishSession implements PublishedSession {
  readonly sessionId: string
  readonly graceMs: number
  readonly #former: FormerPublish | undefined
  readonly #isOver: NonNullable<PublishSessionOptions['isOver']>
  readonly #onSource: PublishSessionOptions['onSource']
  readonly #clock: SessionClock
  readonly #decodeTime = new DecodeTime((amount) => this.#corrected({ fault: 'composition', amount }))
  readonly #videoIntake = new VideoIntake()
  readonly #audioIntake = new AudioIntake()
  readonly #video: VideoMonitor
  readonly #audio = new AudioMonitor()
  readonly #ceiling: BitrateCeiling
  readonly #headerChanges = new HeaderChanges()
  readonly #signal = new SignalMeter()
  readonly #cache = new GopCache()
  readonly #subscribers: Subscribers
  readonly #end = new PublishEnd()
  readonly #onClockCorrection: PublishSessionOptions['onClockCorrection']
  readonly #readiness = new Readiness()
  /** Date of session time 0, ms since 1970; undefined until the source is known. */
  #mediaZeroAt: number | undefined
  /** When the newest media arrived, ms of the monotonic clock. */
  #readAt: number | undefined
  /** Whether the source had a picture at the last call of `onSource`. */
  #hasAnnouncedVideo = false

  constructor(options: PublishSessionOptions) {
    const { sessionId, limits, former, graceMs = 0, isOver = () => true } = options
    this.sessionId = sessionId
    this.graceMs = graceMs
    this.#former = former
    this.#isOver = isOver
    this.#subscribers = new Subscribers((fromMs) => this.#streamStart(fromMs), options.pace)
    this.#video = new VideoMonitor(limits)
    this.#ceiling = new BitrateCeiling(limits.maxBitrate)
    this.#onSource = options.onSource
    this.#onClockCorrection = options.onClockCorrection
    const startMs = () => (former ? startAfter(former) : 0)
    this.#clock = new SessionClock((correction) => this.#corrected(correction), startMs)
  }

  receive(type: number, timestamp: number, tag: Buffer, now: number): void {
    if (this.#end.hasHappened) return
    try {
      if (type === scriptTag) this.#readiness.readMetadata(tag)
      else this.#receiveMedia(type, timestamp, tag, now)
    } catch (error) {
      if (!(error instanceof UnsupportedMedia)) throw error
      this.end('unsupported_media', error.message)
    }
  }

  flush(): void {
    if (!this.#end.hasHappened && this.#readAt !== undefined) this.#announce(this.#readAt)
    this.#subscribers.flush()
  }

  end(reason: EndReason, detail?: string): void {
    if (this.#end.hasHappened) return
    this.#subscribers.end(this.#isOver(reason))
    this.#cache.clear()
    this.#end.happen(reason, detail ?? null)
  }

  /** Ends the publish before the next keyframe. */
  endAtKeyframe(reason: EndReason): void {
    this.#end.reasonAtKeyframe = reason
  }

  onEnd(listener: EndListener): void {
    // A takeover may end the publish before the publisher's connection calls this.
    this.#end.addListener(listener)
  }

  /** Sends the cached media, then all that follows. Returns the function that cancels the subscription. */
  subscribe(subscriber: FlvSubscriber): () => void {
    if (this.#end.hasHappened) subscriber.end(true)
    else this.#subscribers.add(subscriber)
    return () => this.#subscribers.remove(subscriber)
  }

  get subscriberCount(): number {
    return this.#subscribers.count
  }

  /** When the newest media arrived, ms of the monotonic clock; undefined before the first. */
  get lastMediaAt(): number | undefined {
    return this.#readAt
  }

  /** Session time of the newest frame of either track, ms; undefined before the first one. */
  get newestMs(): number | undefined {
    return this.#clock.newestMs
  }

  /** Returns what was measured since the last call; undefined before the first media. */
  measure = (now: number): Measures | undefined => this.#signal.take(now)

  /** Everything that is known about the media; null until enough is known to announce it. */
  get source(): Source | null {
    return this.#mediaZeroAt === undefined ? null : this.#measured
  }

  get #measured(): Source {
    const video = this.#video.source
    const audio = this.#audio.source
    return {
      video,
      audio,
      bitrate: (video?.bitrate ?? 0) + (audio?.bitrate ?? 0),
      jitterMs: this.#signal.jitterMs,
      clockCorrections: this.#signal.corrections,
      ignoredTracks: [...this.#videoIntake.ignoredTracks, ...this.#audioIntake.ignoredTracks],
      isNearBitrateLimit: this.#ceiling.isNear,
    }
  }

  /** Returns the first tags for a subscriber; undefined while the source or a keyframe is missing. */
  #streamStart(fromMs?: number): readonly Buffer[] | undefined {
    if (this.#mediaZeroAt === undefined || !this.#cache.canStart) return undefined
    const source = this.#measured
    const header = flvHeader(source.audio !== null, source.video !== null)
    return [header, metadataTag(source), ...this.#cache.tagsFrom(fromMs)]
  }

  get #headers(): Buffer[] {
    return [this.#video.config, this.#audio.config].filter((config) => config !== undefined)
  }

  #receiveMedia(type: number, timestamp: number, tag: Buffer, now: number) {
    const excess = this.#ceiling.add(tag.length, now)
    if (excess !== undefined) return this.end('limit_exceeded', excess)
    if (type === videoTag)
      for (const unit of this.#videoIntake.read(tag)) this.#receiveVideo(unit, timestamp, now)
    else for (const unit of this.#audioIntake.read(tag, timestamp)) this.#receiveAudio(unit, timestamp, now)
    this.#readAt = now
  }

  #receiveVideo(unit: VideoUnit, timestamp: number, now: number) {
    if (unit.packet === 'config')
      return this.#receiveHeader(videoTag, unit.tag, this.#video.observe(unit, 0), now)
    const time = this.#clock.place(videoTag, timestamp, now)
    const decodeMs = this.#decodeTime.of(time, compositionTimeOf(unit.tag))
    setCompositionTime(unit.tag, this.#decodeTime.compositionMs)
    sealTag(unit.tag, videoTag, decodeMs)
    const event = this.#video.observe(unit, decodeMs)
    if (event === 'ignored') return
    const { reasonAtKeyframe } = this.#end
    if (event === 'keyframe' && reasonAtKeyframe) return this.end(reasonAtKeyframe)
    const packet = { raw: timestamp, time, bytes: unit.tag.length, now, isOpen: unit.isOpen }
    this.#signal.addVideo(packet, event === 'keyframe', this.#decodeTime.compositionMs)
    if (event === 'keyframe') this.#cache.start(this.#headers, unit.tag, decodeMs)
    else this.#cache.add(unit.tag, decodeMs)
    this.#subscribers.push(unit.tag, true)
  }

  #receiveAudio(unit: AudioUnit, timestamp: number, now: number) {
    if (unit.packet === 'config')
      return this.#receiveHeader(audioTag, unit.tag, this.#audio.observe(unit, 0), now)
    const time = this.#clock.place(audioTag, timestamp + Math.round(unit.offsetMs), now)
    sealTag(unit.tag, audioTag, time)
    const event = this.#audio.observe(unit, time)
    if (event === 'ignored') return
    // Sound alone has no keyframes, and decoding can start anywhere. So the cache starts again each second.
    const hasVideo = this.#video.span !== undefined
    this.#signal.addAudio({ raw: timestamp, time, bytes: unit.tag.length, now })
    if (hasVideo || this.#cache.spanAt(time) < audioCacheMs) this.#cache.add(unit.tag, time)
    else this.#cache.start(this.#headers, unit.tag, time)
    this.#subscribers.push(unit.tag, !hasVideo)
    if (event === 'restart') this.#sourceChanged()
  }

  /** Forwards a new codec header. Decoders start again, those of video at the next keyframe. */
  #receiveHeader(type: number, tag: Buffer, event: string, now: number) {
    if (event === 'ignored') return
    const excess = this.#headerChanges.add(now)
    if (excess !== undefined) return this.end('limit_exceeded', excess)
    const time = this.#clock.newestMs ?? 0
    sealTag(tag, type, time)
    if (type === videoTag) this.#cache.clear()
    else this.#cache.add(tag, time)
    this.#subscribers.push(tag, true)
    this.#sourceChanged()
  }

  #sourceChanged() {
    if (this.#mediaZeroAt === undefined) return
    this.#hasAnnouncedVideo = this.#video.isKnown
    this.#onSource(this.#measured, this.#mediaZeroAt)
  }

  /**
   * Announces what has become known. Called after all packets of a read, not after each: delayed packets
   * arrive together with newer ones, and the newest show the date of session time 0 best.
   */
  #announce(now: number) {
    if (this.#mediaZeroAt !== undefined) {
      if (!this.#hasAnnouncedVideo && this.#video.isKnown) this.#sourceChanged()
      return
    }
    const state = this.#readiness.check(this.#video, this.#audio, this.#clock.isSettled(now), now)
    if (state === 'hopeless') return this.end('unsupported_media', undecodable)
    if (state === 'settling') this.#readiness.recheck(now, (later) => this.#recheck(later))
    if (state !== 'ready') return
    const zeroAt = Math.round(Date.now() - (now - this.#clock.anchor()))
    this.#mediaZeroAt = this.#former?.mediaZeroAt ?? zeroAt
    this.#sourceChanged()
  }

  #recheck(now: number) {
    if (this.#end.hasHappened || this.#mediaZeroAt !== undefined) return
    this.#announce(now)
    this.flush()
  }

  #corrected(correction: ClockCorrection) {
    this.#signal.corrected(correction)
    this.#onClockCorrection?.(correction)
  }
}
