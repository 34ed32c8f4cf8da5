import type { EndReason } from '../../core/contracts/end-reason.ts'
import { audioTag, scriptTag, sealTag, videoTag } from '../../core/media/flv-tag.ts'
import type { Source } from '../../core/media/source.ts'
import { GopCache } from '../distribution/gop-cache.ts'
import { streamHead } from '../distribution/stream-head.ts'
import { type FlvSubscriber, Subscribers } from '../distribution/subscribers.ts'
import { Jitter } from '../measure/arrival.ts'
import { MediaClock } from '../measure/media-clock.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import type { PublishTarget } from '../publish/publish-sink.ts'
import { readStatedTracks, type StatedTracks } from '../rtmp/metadata.ts'
import { AudioMonitor } from './audio-monitor.ts'
import { SessionClock } from './session-clock.ts'
import { VideoMonitor } from './video-monitor.ts'

/** A track that has not come in so much media time is taken to be missing; longer when the publisher said it would come. */
const missingTrackMs = 400
const promisedTrackMs = 2000
/** Sound alone has no keyframes: a reader starts at most so far back. */
const audioCacheMs = 1000

export interface SessionOptions {
  sessionId: string
  /** Whether transcoders can read video in the form of enhanced RTMP. */
  enhancedWorks: boolean
  /** The source is known for the first time, or what it is has changed; the promise says when the others know. */
  onSource: (source: Source, mediaZeroAt: number | undefined) => Promise<void>
}

/** One continuous publish of a channel: takes its packets, measures them, and gives them to readers. */
export class PublishSession implements PublishTarget {
  readonly sessionId: string
  readonly #onSource: SessionOptions['onSource']
  readonly #timeline = new SessionClock()
  readonly #video: VideoMonitor
  readonly #audio = new AudioMonitor()
  readonly #jitter = new Jitter()
  readonly #clock = new MediaClock()
  readonly #cache = new GopCache()
  readonly #readers = new Subscribers()
  readonly #endListeners: ((reason: EndReason, detail: string | null) => void)[] = []
  #stated: StatedTracks | undefined
  #known = false
  #ended = false

  constructor({ sessionId, enhancedWorks, onSource }: SessionOptions) {
    this.sessionId = sessionId
    this.#video = new VideoMonitor(enhancedWorks)
    this.#onSource = onSource
  }

  receive(type: number, timestamp: number, tag: Buffer, now: number) {
    if (this.#ended) return
    try {
      if (type === scriptTag) this.#takeData(tag)
      else this.#takeMedia(type, timestamp, tag, now)
    } catch (error) {
      if (!(error instanceof UnsupportedMedia)) throw error
      this.end('unsupported_media', error.message)
    }
  }

  flush() {
    this.#readers.flush(this.#start)
  }

  end(reason: EndReason, detail?: string) {
    if (this.#ended) return
    this.#ended = true
    this.#readers.end()
    this.#cache.clear()
    for (const listener of this.#endListeners) listener(reason, detail ?? null)
  }

  onEnd(listener: (reason: EndReason, detail: string | null) => void) {
    this.#endListeners.push(listener)
  }

  /** Gives all media from the newest keyframe on to a reader, until the returned function is called. */
  attach(reader: FlvSubscriber): () => void {
    if (this.#ended) reader.end()
    else this.#readers.add(reader, this.#start)
    return () => this.#readers.remove(reader)
  }

  get readerCount(): number {
    return this.#readers.count
  }

  /** Time of the newest packet, ms of media; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#timeline.newestMs
  }

  /** What is measured by now; null until the tracks are known. */
  get source(): Source | null {
    return this.#known ? this.#measured : null
  }

  get #measured(): Source {
    const video = this.#video.source
    const audio = this.#audio.source
    const bitrate = (video?.bitrate ?? 0) + (audio?.bitrate ?? 0)
    return { video, audio, bitrate, jitterMs: this.#jitter.meanMs }
  }

  /** What a reader begins with; undefined while there is no keyframe to start from. */
  readonly #start = (): readonly Buffer[] | undefined => {
    if (!this.#known || !this.#cache.canStart) return undefined
    return [...streamHead(this.#measured, this.#video.config, this.#audio.config), ...this.#cache.tags]
  }

  #takeData(tag: Buffer) {
    if (!this.#known) this.#stated ??= readStatedTracks(tag)
  }

  #takeMedia(type: number, timestamp: number, tag: Buffer, now: number) {
    const time = this.#timeline.place(type, timestamp)
    sealTag(tag, type, time)
    this.#clock.add(time, now)
    if (type === videoTag) this.#takeVideo(tag, time, now)
    else if (type === audioTag) this.#takeAudio(tag, time, now)
    if (!this.#known && this.#isComplete) {
      this.#known = true
      void this.#onSource(this.#measured, this.#clock.zeroAt)
    }
  }

  #takeVideo(tag: Buffer, time: number, now: number) {
    const step = this.#video.take(tag, time)
    if (step === 'nothing') return
    if (step === 'restart') {
      this.#cache.clear()
      return this.#restart()
    }
    this.#jitter.add(time, now)
    if (step === 'keyframe') this.#cache.start(tag, time)
    else this.#cache.add(tag, time)
    this.#readers.push(tag, true)
  }

  #takeAudio(tag: Buffer, time: number, now: number) {
    const had = this.#audio.source !== null
    const step = this.#audio.take(tag, time)
    if (step === 'nothing') return
    if (step === 'restart') {
      // Sound of the old form must not stand behind the new header.
      if (had) this.#cache.clear()
      return this.#restart()
    }
    if (this.#video.span === undefined) {
      this.#jitter.add(time, now)
      if (this.#cache.spanAt(time) < audioCacheMs) this.#cache.add(tag, time)
      else this.#cache.start(tag, time)
    } else this.#cache.add(tag, time)
    this.#readers.push(tag, this.#video.span === undefined)
  }

  /** Readers cannot go on over a new codec header: they must come again, once everybody can know what they will get. */
  #restart() {
    if (!this.#known) return
    const dropped = this.#readers.detachAll()
    void this.#onSource(this.#measured, this.#clock.zeroAt).finally(() => {
      for (const reader of dropped) reader.abort('source changed')
    })
  }

  /** Whether each track is known or known to be missing. */
  get #isComplete(): boolean {
    const { span: videoSpan, source: video } = this.#video
    const { span: audioSpan, source: audio } = this.#audio
    const isMissing = (stated: boolean | undefined, otherSpan: number) =>
      stated === false || otherSpan >= (stated ? promisedTrackMs : missingTrackMs)
    if (video && this.#video.canStart) return audio !== null || isMissing(this.#stated?.audio, videoSpan ?? 0)
    return (
      videoSpan === undefined &&
      audio !== null &&
      audioSpan !== undefined &&
      isMissing(this.#stated?.video, audioSpan)
    )
  }
}
