import type { Log } from '../../core/process/log.ts'
import type { Encoder } from '../encoder/encoder.ts'
import {
  type AudioTrack,
  type DescribedTrack,
  type EpochSink,
  type Presentation,
  stereoTrack,
} from '../packager/packager.ts'
import { audioName, audioNames, isPassedThrough, passedVideo, type TranscodePlan } from '../plan/plan.ts'
import type { MediaUnit, VideoUnit } from '../source/media-unit.ts'
import type { SourceAudio, SourceTracks, SourceVideo } from '../source/source-tracks.ts'
import { type EncoderFactory, startAudioEncoder, startVideoEncoder } from './epoch-encoders.ts'
import { createFrameObserver, type FrameObserver } from './frame-observer.ts'
import { audioSampleOf, passedAudioTrack, passedVideoTrack, videoSampleOf } from './passed-media.ts'

export interface EpochOptions {
  /** Number of the epoch in media paths; reserved in Redis. */
  number: number
  plan: TranscodePlan
  /** Earliest presentation time of the first frame, ms. */
  fromMs: number
  tracks: SourceTracks
  /** Length of the longest GOP to expect, ms; undefined when unknown. */
  gopMs: number | undefined
  presentation: Pick<Presentation, 'beginEpoch'>
  encoders: EncoderFactory
  log: Log
}

type Kind = MediaUnit['kind']

/**
 * One run of a transcode with one plan. Passed renditions go straight from the source to the packager, and
 * encoders make the others. Each rendition changes to the next epoch separately, because encoders are later
 * than the source.
 */
export class Epoch {
  readonly number: number
  readonly plan: TranscodePlan
  /** Earliest presentation time of the first frame, ms. */
  readonly fromMs: number
  /**
   * Tracks of the source for which this epoch was planned; undefined for a kind that the plan does not take
   * from the source.
   */
  readonly video: SourceVideo | undefined
  readonly audio: SourceAudio | undefined
  readonly #options: EpochOptions
  readonly #encoders: Partial<Record<Kind, Encoder>> = {}
  readonly #observer: FrameObserver | undefined
  /**
   * Names of the renditions that this epoch publishes, each with functions to call when it ends here.
   */
  readonly #renditions = new Map<string, (() => void)[]>()
  readonly #passedAudio: DescribedTrack<AudioTrack> | undefined
  readonly #published = Promise.withResolvers<void>()
  #sink: EpochSink | undefined
  /** Time at which the media of a kind ends, ms; undefined while it continues. */
  readonly #endMs: Partial<Record<Kind, number>> = {}

  constructor(options: EpochOptions) {
    const { number, plan, fromMs, tracks } = options
    this.#options = options
    this.number = number
    this.plan = plan
    this.fromMs = fromMs
    this.video = plan.video.length > 0 ? tracks.video : undefined
    this.audio = plan.audio === 'silent' ? undefined : tracks.audio
    const events = {
      fromMs,
      plan,
      tracks,
      sinkOf: () => this.#sink,
      onFinished: (rendition: string) => this.#end(rendition),
    }
    if (this.video) {
      const encoder = startVideoEncoder(options.encoders, { ...events, track: this.video })
      if (encoder) this.#encoders.video = encoder
      if (passedVideo(plan) === undefined)
        this.#observer = createFrameObserver(plan, fromMs, options.encoders.segmentMs)
      for (const unit of tracks.gop) this.#observer?.add(unit)
    }
    if (this.audio?.codec === 'aac') this.#passedAudio = passedAudioTrack(this.audio)
    if (this.audio && plan.audio === 'encoded')
      this.#encoders.audio = startAudioEncoder(options.encoders, { ...events, track: this.audio })
  }

  get pids(): number[] {
    return Object.values(this.#encoders).flatMap(({ pid }) => pid ?? [])
  }

  /** Starts to publish: registers the epoch in the packager, and lets the output of the encoders flow. */
  open(): void {
    const { plan, number, gopMs, presentation, log } = this.#options
    const passed = passedVideo(plan)
    this.#sink = presentation.beginEpoch({
      epoch: number,
      leader: passed ? { rendition: passed.name } : plan.video.length > 0 ? 'observed' : 'audio',
      silent: plan.audio === 'silent' ? audioNames(plan) : [],
      frameMs: plan.video.length > 0 ? 1000 / plan.fps : 0,
      gopMs: plan.keyframes === 'timed' ? this.#options.encoders.segmentMs : gopMs,
      onFailure: (rendition, error) => log.error({ err: error, rendition }, 'cannot package the media'),
    })
    for (const frame of this.#observer?.takeEarly() ?? []) this.#sink.observe(frame)
  }

  /**
   * Takes the renditions of a kind from the previous epoch, which ends them at `atMs`. A rendition that this
   * epoch encodes follows when the previous epoch has published the rest of it.
   */
  takeOver(kind: Kind, previous: Epoch | undefined, atMs: number): void {
    const names = kind === 'video' ? this.plan.video.map(({ name }) => name) : audioNames(this.plan)
    for (const name of names) {
      if (previous === undefined || !previous.#renditions.has(name)) this.#join(name)
      else if (this.#isStraight(name)) {
        previous.#end(name, atMs)
        this.#join(name)
      } else previous.#renditions.get(name)?.push(() => this.#join(name))
    }
    previous?.finish(kind, atMs)
  }

  /** Passes the next unit of the source on. `isInBacklog`: encoders and observer already have it. */
  feed(unit: MediaUnit, isInBacklog = false): void {
    if (unit.packet === 'config') return
    if (!isInBacklog) this.#encoders[unit.kind]?.feed(unit)
    if (unit.kind === 'audio') this.#feedAudio(unit)
    else this.#feedVideo(unit, isInBacklog)
  }

  #feedVideo(unit: VideoUnit, isInBacklog: boolean) {
    const { plan } = this
    const passed = passedVideo(plan)
    if (passed) this.#sink?.add(passed.name, videoSampleOf(unit, plan.fps))
    if (!isInBacklog) for (const frame of this.#observer?.add(unit) ?? []) this.#sink?.observe(frame)
  }

  #feedAudio(unit: MediaUnit) {
    const described = this.#passedAudio
    if (described === undefined) return
    for (const name of audioNames(this.plan))
      if (isPassedThrough(this.plan, name)) this.#sink?.add(name, audioSampleOf(unit, described.track))
  }

  /** Reports the progress of time to the packager, so that it can repeat a frozen picture or add silence. */
  advance(progress: Parameters<EpochSink['advance']>[0]): void {
    this.#sink?.advance(progress)
  }

  /** Makes encoders that are too late skip to the newest media. `sourceMs`: newest time of the source, ms. */
  checkEncoders(sourceMs: number): void {
    const gopMs = this.#options.tracks.longestGopMs
    for (const encoder of Object.values(this.#encoders)) encoder.check({ sourceMs, gopMs })
  }

  /**
   * Time up to which all video renditions that have begun have received media, ms; without video, that of
   * `audio`. Undefined while none has begun.
   */
  get receivedMs(): number | undefined {
    const { video } = this.plan
    const names = video.length > 0 ? video.map(({ name }) => name) : [audioName]
    const ends = names.map((name) => this.#sink?.receivedMs(name))
    const known = ends.filter((end) => end !== undefined)
    return known.length === 0 ? undefined : Math.min(...known)
  }

  /** Ends the media of a kind at `atMs`. What the encoders still hold is published up to there. */
  finish(kind: Kind, atMs: number): void {
    this.#endMs[kind] = atMs
    const encoder = this.#encoders[kind]
    for (const name of [...this.#renditions.keys()]) {
      const isOfKind = (kind === 'audio') === audioNames(this.plan).includes(name)
      if (isOfKind && !encoder?.renditions.includes(name)) this.#end(name)
    }
    encoder?.finish()
  }

  get isPublishing(): boolean {
    return this.#renditions.size > 0
  }

  /** Resolves when this epoch publishes no rendition any more. */
  get published(): Promise<void> {
    if (!this.isPublishing) this.#published.resolve()
    return this.#published.promise
  }

  /** Ends the epoch now; what the encoders hold is lost. Resolves when the encoders are gone. */
  async stop(): Promise<void> {
    const gone = Object.values(this.#encoders).map((encoder) => encoder.stop())
    for (const name of [...this.#renditions.keys()]) this.#end(name)
    await Promise.all(gone)
  }

  #isStraight(name: string): boolean {
    return !Object.values(this.#encoders).some(({ renditions }) => renditions.includes(name))
  }

  #join(name: string) {
    const sink = this.#sink
    if (sink === undefined) return
    this.#renditions.set(name, [])
    sink.join(name)
    const encoder = Object.values(this.#encoders).find(({ renditions }) => renditions.includes(name))
    if (encoder) {
      if (name === audioName) sink.setTrack(name, stereoTrack)
      return encoder.open(name)
    }
    if (this.video && passedVideo(this.plan)?.name === name) sink.setTrack(name, passedVideoTrack(this.video))
    else if (this.#passedAudio && isPassedThrough(this.plan, name)) sink.setTrack(name, this.#passedAudio)
  }

  #end(name: string, atMs?: number) {
    const onEnd = this.#renditions.get(name)
    if (onEnd === undefined) return
    this.#renditions.delete(name)
    for (const encoder of Object.values(this.#encoders)) encoder.close(name)
    const kind = audioNames(this.plan).includes(name) ? 'audio' : 'video'
    this.#sink?.end(name, atMs ?? this.#endMs[kind])
    for (const run of onEnd) run()
    if (!this.isPublishing) this.#published.resolve()
  }
}
