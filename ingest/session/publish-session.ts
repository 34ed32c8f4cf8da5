import type { EndReason } from '../../core/contracts/end-reason.ts'
import { audioTag, flvHeader, scriptTag, sealTag, videoTag } from '../../core/media/flv-tag.ts'
import type { Source } from '../../core/media/source.ts'
import type { FlvSubscriber } from '../distribution/flv-subscriber.ts'
import { GopCache } from '../distribution/gop-cache.ts'
import { Subscribers } from '../distribution/subscribers.ts'
import { Jitter, MediaZero } from '../measure/arrival.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import type { PublishedSession } from '../publish/publish-sink.ts'
import { metadataTag, readStatedTracks, type StatedTracks } from '../rtmp/metadata.ts'
import { AudioMonitor } from './audio-monitor.ts'
import { SessionClock } from './session-clock.ts'
import { VideoMonitor } from './video-monitor.ts'

/**
 * Media time after which a track without packets is considered missing, ms. The second one applies to a track
 * that the publisher announced.
 */
const missingTrackMs = 400
const statedTrackMs = 2000
/** Maximum media time before now at which a subscriber starts if there is only sound, ms. */
const audioCacheMs = 1000

export interface PublishSessionOptions {
  sessionId: string
  /** Whether transcoders can read video of enhanced RTMP. */
  readsEnhancedVideo: boolean
  /**
   * Called when the source becomes known and when it changes. The promise resolves when transcoders can see
   * the new source.
   */
  onSource: (source: Source, mediaZeroAt: number | undefined) => Promise<void>
}

/** One continuous publish of a channel: measures its packets and sends them to subscribers. */
export class PublishSession implements PublishedSession {
  readonly sessionId: string
  readonly #onSource: PublishSessionOptions['onSource']
  readonly #clock = new SessionClock()
  readonly #video: VideoMonitor
  readonly #audio = new AudioMonitor()
  readonly #jitter = new Jitter()
  readonly #mediaZero = new MediaZero()
  readonly #cache = new GopCache()
  readonly #subscribers = new Subscribers(() => this.#streamStart())
  readonly #endListeners: ((reason: EndReason, detail: string | null) => void)[] = []
  #statedTracks: StatedTracks | undefined
  /** Whether the source is known. */
  #isKnown = false
  #hasEnded = false

  constructor({ sessionId, readsEnhancedVideo, onSource }: PublishSessionOptions) {
    this.sessionId = sessionId
    this.#video = new VideoMonitor(readsEnhancedVideo)
    this.#onSource = onSource
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
    return this.#isKnown ? this.#measured : null
  }

  get #measured(): Source {
    const video = this.#video.source
    const audio = this.#audio.source
    const bitrate = (video?.bitrate ?? 0) + (audio?.bitrate ?? 0)
    return { video, audio, bitrate, jitterMs: this.#jitter.meanMs }
  }

  /** What a subscriber receives first; undefined while there is no keyframe to start from. */
  #streamStart(): readonly Buffer[] | undefined {
    if (!this.#isKnown || !this.#cache.canStart) return undefined
    const source = this.#measured
    const header = flvHeader(source.audio !== null, source.video !== null)
    const configs = [this.#video.config, this.#audio.config].filter((config) => config !== undefined)
    return [header, metadataTag(source), ...configs, ...this.#cache.tags]
  }

  #receiveData(tag: Buffer) {
    if (!this.#isKnown) this.#statedTracks ??= readStatedTracks(tag)
  }

  #receiveMedia(type: number, timestamp: number, tag: Buffer, now: number) {
    const time = this.#clock.timeOf(type, timestamp)
    sealTag(tag, type, time)
    this.#mediaZero.add(time, now)
    if (type === videoTag) this.#receiveVideo(tag, time, now)
    else if (type === audioTag) this.#receiveAudio(tag, time, now)
    if (!this.#isKnown && this.#hasAllTracks) {
      this.#isKnown = true
      void this.#onSource(this.#measured, this.#mediaZero.date)
    }
  }

  #receiveVideo(tag: Buffer, time: number, now: number) {
    const event = this.#video.observe(tag, time)
    if (event === 'ignored') return
    if (event === 'restart') {
      this.#cache.clear()
      return this.#restart()
    }
    this.#jitter.add(time, now)
    if (event === 'keyframe') this.#cache.start(tag, time)
    else this.#cache.add(tag, time)
    this.#subscribers.push(tag, true)
  }

  #receiveAudio(tag: Buffer, time: number, now: number) {
    const wasKnown = this.#audio.isKnown
    const event = this.#audio.observe(tag, time)
    if (event === 'ignored') return
    if (event === 'restart') {
      // Sound of the previous format must not follow the new header.
      if (wasKnown) this.#cache.clear()
      return this.#restart()
    }
    // Sound without video has no keyframes: any packet can start the cache.
    const hasVideo = this.#video.span !== undefined
    if (!hasVideo) this.#jitter.add(time, now)
    if (hasVideo || this.#cache.spanAt(time) < audioCacheMs) this.#cache.add(tag, time)
    else this.#cache.start(tag, time)
    this.#subscribers.push(tag, !hasVideo)
  }

  /**
   * Drops all subscribers, which cannot continue after a new codec header. They are dropped once the registry
   * shows the new source, so that they know what they will receive when they subscribe again.
   */
  #restart() {
    if (!this.#isKnown) return
    const dropped = this.#subscribers.detachAll()
    void this.#onSource(this.#measured, this.#mediaZero.date).finally(() => {
      for (const subscriber of dropped) subscriber.abort('source changed')
    })
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
