import type { EndReason } from '../../core/contracts/end-reason.ts'
import { audioTag, flvHeader, scriptTag, sealTag, videoTag } from '../../core/media/flv-tag.ts'
import { compositionTimeOf, setCompositionTime } from '../../core/media/flv-video.ts'
import type { Source } from '../../core/media/source.ts'
import type { FlvSubscriber } from '../distribution/flv-subscriber.ts'
import { GopCache } from '../distribution/gop-cache.ts'
import { Subscribers } from '../distribution/subscribers.ts'
import { Jitter } from '../measure/arrival.ts'
import { AudioIntake, type AudioUnit } from '../media/audio-intake.ts'
import type { PictureLimits } from '../media/picture-limits.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import { VideoIntake, type VideoUnit } from '../media/video-intake.ts'
import type { PublishedSession } from '../publish/publish-sink.ts'
import { metadataTag, readStatedTracks, type StatedTracks } from '../rtmp/metadata.ts'
import { AudioMonitor } from './audio-monitor.ts'
import { BitrateCeiling } from './bitrate-ceiling.ts'
import { DecodeTime } from './decode-time.ts'
import { HeaderChanges } from './header-changes.ts'
import { type ClockCorrection, SessionClock } from './session-clock.ts'
import { VideoMonitor } from './video-monitor.ts'

/**
 * Media time after which a track without packets is considered missing, ms. The second one applies to a track
 * that the publisher announced.
 */
const missingTrackMs = 400
const statedTrackMs = 2000
/** Maximum time that a burst at the beginning delays the announcement of the source, ms. */
const maxSettlingMs = 2000
/** Maximum media time before now at which a subscriber starts if there is only sound, ms. */
const audioCacheMs = 1000

export interface PublishSessionOptions {
  sessionId: string
  /** Bounds on what the publisher sends. */
  limits: PictureLimits & {
    /** Maximum bitrate of both tracks, bits/s; 0 means no limit. */
    maxBitrate: number
  }
  /** Called when the source becomes known and when it changes. */
  onSource: (source: Source, mediaZeroAt: number) => void
  /** Called for each correction of the publisher's timestamps. */
  onClockCorrection?: (correction: ClockCorrection) => void
}

/**
 * One continuous publish of a channel: puts its packets right, measures them and sends them to subscribers.
 */
export class PublishSession implements PublishedSession {
  readonly sessionId: string
  readonly #onSource: PublishSessionOptions['onSource']
  readonly #clock: SessionClock
  readonly #decodeTime = new DecodeTime()
  readonly #videoIntake = new VideoIntake()
  readonly #audioIntake = new AudioIntake()
  readonly #video: VideoMonitor
  readonly #audio = new AudioMonitor()
  readonly #ceiling: BitrateCeiling
  readonly #headerChanges = new HeaderChanges()
  readonly #jitter = new Jitter()
  readonly #cache = new GopCache()
  readonly #subscribers = new Subscribers(() => this.#streamStart())
  readonly #endListeners: ((reason: EndReason, detail: string | null) => void)[] = []
  readonly #corrections: Partial<Record<ClockCorrection['fault'], number>> = {}
  #statedTracks: StatedTracks | undefined
  #firstAt: number | undefined
  /** Date of media time 0, ms since the epoch; known with the source. */
  #mediaZeroAt: number | undefined
  #hasEnded = false

  constructor({ sessionId, limits, onSource, onClockCorrection }: PublishSessionOptions) {
    this.sessionId = sessionId
    this.#video = new VideoMonitor(limits)
    this.#ceiling = new BitrateCeiling(limits.maxBitrate)
    this.#onSource = onSource
    this.#clock = new SessionClock((correction) => {
      this.#corrections[correction.fault] = (this.#corrections[correction.fault] ?? 0) + 1
      onClockCorrection?.(correction)
    })
  }

  receive(type: number, timestamp: number, tag: Buffer, now: number): void {
    if (this.#hasEnded) return
    try {
      if (type === scriptTag) this.#receiveData(tag)
      else this.#receiveMedia(type, timestamp, tag, now)
    } catch (error) {
      if (!(error instanceof UnsupportedMedia)) throw error
      this.end('unsupported_media', error.message)
    }
  }

  flush(): void {
    this.#subscribers.flush()
  }

  end(reason: EndReason, detail?: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#subscribers.end()
    this.#cache.clear()
    for (const listener of this.#endListeners) listener(reason, detail ?? null)
  }

  onEnd(listener: (reason: EndReason, detail: string | null) => void): void {
    this.#endListeners.push(listener)
  }

  /** Sends the media from the newest keyframe on to a subscriber, until the returned function is called. */
  subscribe(subscriber: FlvSubscriber): () => void {
    if (this.#hasEnded) subscriber.end()
    else this.#subscribers.add(subscriber)
    return () => this.#subscribers.remove(subscriber)
  }

  get subscriberCount(): number {
    return this.#subscribers.count
  }

  /** Media time of the newest packet, ms; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#clock.newestMs
  }

  /** Everything measured so far; null until the tracks are known. */
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
      jitterMs: this.#jitter.meanMs,
      clockCorrections: { ...this.#corrections },
      ignoredTracks: [...this.#videoIntake.ignoredTracks, ...this.#audioIntake.ignoredTracks],
      isNearBitrateLimit: this.#ceiling.isNear,
    }
  }

  /** What a subscriber receives first; undefined while there is no keyframe to start from. */
  #streamStart(): readonly Buffer[] | undefined {
    if (this.#mediaZeroAt === undefined || !this.#cache.canStart) return undefined
    const source = this.#measured
    const header = flvHeader(source.audio !== null, source.video !== null)
    const configs = [this.#video.config, this.#audio.config].filter((config) => config !== undefined)
    return [header, metadataTag(source), ...configs, ...this.#cache.tags]
  }

  #receiveData(tag: Buffer) {
    if (this.#mediaZeroAt === undefined) this.#statedTracks ??= readStatedTracks(tag)
  }

  #receiveMedia(type: number, timestamp: number, tag: Buffer, now: number) {
    this.#firstAt ??= now
    const excess = this.#ceiling.add(tag.length, now)
    if (excess !== undefined) return this.end('limit_exceeded', excess)
    if (type === videoTag)
      for (const unit of this.#videoIntake.read(tag)) this.#receiveVideo(unit, timestamp, now)
    else if (type === audioTag)
      for (const unit of this.#audioIntake.read(tag, timestamp)) this.#receiveAudio(unit, timestamp, now)
    if (this.#mediaZeroAt === undefined && this.#hasAllTracks && this.#isSettled(now)) this.#announce(now)
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
    this.#jitter.add(time, now)
    if (event === 'keyframe') this.#cache.start(unit.tag, decodeMs)
    else this.#cache.add(unit.tag, decodeMs)
    this.#subscribers.push(unit.tag, true)
  }

  #receiveAudio(unit: AudioUnit, timestamp: number, now: number) {
    if (unit.packet === 'config')
      return this.#receiveHeader(audioTag, unit.tag, this.#audio.observe(unit, 0), now)
    const time = this.#clock.place(audioTag, timestamp, now)
    sealTag(unit.tag, audioTag, time)
    const event = this.#audio.observe(unit, time)
    if (event === 'ignored') return
    // Sound without video has no keyframes: any packet can start the cache.
    const hasVideo = this.#video.span !== undefined
    if (!hasVideo) this.#jitter.add(time, now)
    if (hasVideo || this.#cache.spanAt(time) < audioCacheMs) this.#cache.add(unit.tag, time)
    else this.#cache.start(unit.tag, time)
    this.#subscribers.push(unit.tag, !hasVideo)
    if (event === 'restart') this.#sourceChanged()
  }

  /**
   * Forwards a codec header that is new. Decoders start again with it, and with the next keyframe of video.
   */
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
    if (this.#mediaZeroAt !== undefined) this.#onSource(this.#measured, this.#mediaZeroAt)
  }

  #isSettled(now: number): boolean {
    return this.#clock.isSettled(now) || now - (this.#firstAt ?? now) > maxSettlingMs
  }

  #announce(now: number) {
    this.#mediaZeroAt = Math.round(Date.now() - (now - this.#clock.anchor()))
    this.#onSource(this.#measured, this.#mediaZeroAt)
  }

  /** Whether each track is either known or considered missing. */
  get #hasAllTracks(): boolean {
    const { span: videoSpan, source: video } = this.#video
    const { span: audioSpan, source: audio } = this.#audio
    if (video && this.#video.canStart)
      return audio !== null || isMissing(this.#statedTracks?.audio, videoSpan ?? 0)
    const isAudioOnly = videoSpan === undefined && audio !== null && audioSpan !== undefined
    return isAudioOnly && isMissing(this.#statedTracks?.video, audioSpan)
  }
}

/** Whether a track is missing after `otherSpanMs` of the other track. */
const isMissing = (isStated: boolean | undefined, otherSpanMs: number) =>
  isStated === false || otherSpanMs >= (isStated ? statedTrackMs : missingTrackMs)
