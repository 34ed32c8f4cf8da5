import type { Log } from '../../core/process/log.ts'
import type { Presentation, RenditionPlan } from '../packager/packager.ts'
import { audioNames, isPassedThrough, type PlanOptions, type TranscodePlan } from '../plan/plan.ts'
import { type MediaUnit, shownAtMs } from '../source/media-unit.ts'
import { isSameAudio, SourceTracks } from '../source/source-tracks.ts'
import { Epoch } from './epoch.ts'
import type { EncoderFactory } from './epoch-encoders.ts'
import type { EpochStart } from './epoch-start.ts'
import { createPlanner, type MeasuredSource, type Planner } from './planner.ts'

export interface EpochSequenceOptions {
  presentation: Presentation
  encoders: EncoderFactory
  planOptions: Pick<PlanOptions, 'ladder' | 'fillsParts'>
  /** Configured segment length, ms. */
  segmentMs: number
  measured(): MeasuredSource
  /** Returns the number of the next epoch. */
  nextNumber(): number
  /** Called when an epoch begins to publish. */
  onEpoch(epoch: Epoch): void
  log: Log
}

/** The epoch that is being handed over from. */
interface Ending {
  epoch: Epoch
  /** Where the next one begins, ms. */
  atMs: number
  /** Whether its audio has not been handed over. */
  hasAudio: boolean
}

/** Time before a boundary at which an audio frame still belongs after it, ms: half a frame. */
const audioToleranceMs = 12
/** Time after which audio is handed over although no frame has come, ms of video. */
const audioTimeoutMs = 1000
/** Time that an encoder needs until it is ready, ms. The epoch before continues, and ends after it. */
const handoverMs = 400
/** Time without a frame after which the picture is frozen, ms. */
const frozenMs = 1000

/**
 * Transcodes a session in epochs, one after another. An epoch begins with the first frame, with a keyframe of
 * a source that has changed, or where a GOP becomes too long to be passed through.
 */
export class EpochSequence {
  readonly tracks = new SourceTracks()
  readonly #options: EpochSequenceOptions
  readonly #planner: Planner
  #current: Epoch | undefined
  /** Begins at its start, which is still to come. Its encoders are running. */
  #next: Epoch | undefined
  #ending: Ending | undefined
  #isStopped = false

  constructor(options: EpochSequenceOptions) {
    const { planOptions, segmentMs, measured } = options
    this.#options = options
    this.#planner = createPlanner({ options: planOptions, segmentMs, tracks: this.tracks, measured })
  }

  /** The epoch that publishes; undefined before the first. */
  get current(): Epoch | undefined {
    return this.#current
  }

  /** Takes the next unit of the source. */
  add(unit: MediaUnit): void {
    if (this.#isStopped) return
    this.tracks.observe(unit, performance.now())
    if (unit.packet === 'config') return
    if (this.tracks.hasCaptions) this.#options.presentation.hasCaptions = true
    const hasBegun = this.#beginIfDue(unit)
    const next = this.#next
    next?.feed(unit)
    if (next && this.#hasReached(next.start.fromMs, unit)) {
      this.#change(next)
      return
    }
    this.#handAudioOver(unit)
    if (this.#ending?.hasAudio && unit.kind === 'audio') this.#ending.epoch.feed(unit)
    this.#current?.feed(unit, hasBegun)
  }

  /** Checks what depends on time. */
  tick(now = performance.now()): void {
    const { tracks } = this
    const current = this.#current
    const newestMs = tracks.newestMs
    if (current === undefined || newestMs === undefined || this.#isStopped) return
    const isPictureFrozen = this.#isPictureFrozen(current, now)
    const mediaMs = isPictureFrozen ? this.#frozenMediaMs(current, now) : newestMs
    for (const epoch of [this.#ending?.epoch, current]) epoch?.advance({ now, mediaMs, isPictureFrozen })
    if (this.#ending && !this.#ending.epoch.isPublishing) this.#forgetEnding()
    if (!isPictureFrozen) current.checkEncoders(newestMs)
    if (this.#next === undefined) this.#replan(current)
  }

  /** The source has ended: what encoders still hold is published. Resolves when it is. */
  async finish(): Promise<void> {
    const epochs = [this.#ending?.epoch, this.#current].filter((epoch) => epoch !== undefined)
    for (const epoch of epochs)
      for (const kind of ['video', 'audio'] as const) epoch.finish(kind, Number.POSITIVE_INFINITY)
    await Promise.all(epochs.map((epoch) => epoch.published))
  }

  /** Ends everything now. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const epochs = [this.#ending?.epoch, this.#current, this.#next]
    await Promise.all(epochs.map((epoch) => epoch?.stop()))
  }

  /** Begins the first epoch, or another one for a source that has changed. Returns whether it did. */
  #beginIfDue(unit: MediaUnit): boolean {
    const current = this.#current
    if (current && !this.#mustChange(current)) return false
    if (!this.#canBegin(unit)) return false
    void this.#next?.stop()
    const start = { fromMs: shownAtMs(unit), isAtKeyframe: true }
    this.#change(this.#newEpoch(this.#planner.plan(current?.plan), start))
    return true
  }

  /** Whether an epoch can begin with a unit. */
  #canBegin(unit: MediaUnit): boolean {
    const { video, audio } = this.tracks
    if (video) return unit.packet === 'keyframe'
    // The ingest has seen video that is still to come.
    const expectsVideo = this.#current === undefined && this.#options.measured().source.video !== null
    return !expectsVideo && audio !== undefined && unit.kind === 'audio'
  }

  /**
   * Whether the source is another one since the beginning of an epoch, which ends at the next keyframe then.
   */
  #mustChange(epoch: Epoch): boolean {
    const { video } = this.tracks
    if (video !== undefined && !video.record.equals(epoch.video?.record ?? Buffer.alloc(0))) return true
    return epoch.plan.keyframes === 'source' && this.#hasOtherAudio(epoch)
  }

  #hasOtherAudio({ audio }: Epoch): boolean {
    return this.tracks.audio !== undefined && !isSameAudio(this.tracks.audio, audio)
  }

  #newEpoch(plan: TranscodePlan, start: EpochStart): Epoch {
    const { presentation, encoders, nextNumber, log } = this.#options
    const number = nextNumber()
    return new Epoch({
      number,
      plan,
      start,
      tracks: this.tracks,
      gopMs: this.#planner.expectedGopMs,
      presentation,
      encoders,
      log: log.child({ epoch: number }),
    })
  }

  /** Lets an epoch publish from its start on, instead of the present one. */
  #change(epoch: Epoch) {
    const { presentation, onEpoch } = this.#options
    const previous = this.#current
    const atMs = epoch.start.fromMs
    void this.#ending?.epoch.stop()
    this.#ending = undefined
    this.#next = undefined
    this.#current = epoch
    presentation.addRenditions(renditionsOf(epoch.plan))
    epoch.open()
    epoch.takeOver('video', previous, atMs)
    const waitsForAudio =
      previous !== undefined && epoch.plan.audio !== 'silent' && previous.plan.audio !== 'silent'
    if (previous) this.#ending = { epoch: previous, atMs, hasAudio: waitsForAudio }
    if (!waitsForAudio) epoch.takeOver('audio', previous, atMs)
    onEpoch(epoch)
  }

  /** Hands audio over at the first frame after the boundary. */
  #handAudioOver(unit: MediaUnit) {
    const ending = this.#ending
    if (!ending?.hasAudio) return
    const isAfter = unit.kind === 'audio' && unit.ms >= ending.atMs - audioToleranceMs
    const isLate = unit.kind === 'video' && unit.ms > ending.atMs + audioTimeoutMs
    if (!isAfter && !isLate) return
    ending.hasAudio = false
    this.#current?.takeOver('audio', ending.epoch, ending.atMs)
  }

  /** Whether a frame, in decode order, is the first of those at or after a time. */
  #hasReached(atMs: number, unit: MediaUnit): boolean {
    return unit.kind === 'video' && unit.ms + this.tracks.compositionMs >= atMs
  }

  /** Prepares another epoch if the plan no longer fits the source. */
  #replan(current: Epoch) {
    if (current.plan.keyframes === 'timed') {
      if (!this.#hasOtherAudio(current)) return
      const fromMs = (this.tracks.newestMs ?? 0) + handoverMs
      this.#next = this.#newEpoch(this.#planner.plan(current.plan), { fromMs, isAtKeyframe: false })
      return
    }
    const replan = this.#planner.replan(current.plan)
    if (replan === undefined) return
    this.#options.log.info('the GOP is too long to be passed through: all video is encoded')
    const next = this.#newEpoch(replan.plan, replan.start)
    this.#next = next
    const newest = this.tracks.gop.at(-1)
    if (newest && this.#hasReached(replan.start.fromMs, newest)) this.#change(next)
  }

  #forgetEnding() {
    void this.#ending?.epoch.stop()
    this.#ending = undefined
  }

  /** Whether no frame of video has come for a while, although the session continues. */
  #isPictureFrozen({ plan }: Epoch, now: number): boolean {
    const { videoMs, audioMs, videoArrivedAt } = this.tracks
    if (plan.video.length === 0 || videoMs === undefined || now - videoArrivedAt < frozenMs) return false
    return plan.picture.isIntraOnly || (audioMs !== undefined && audioMs > videoMs + frozenMs / 2)
  }

  /** How far the session is while the picture is frozen, ms: as far as audio, or as the clock. */
  #frozenMediaMs({ plan }: Epoch, now: number): number {
    const { videoMs = 0, audioMs = 0, videoArrivedAt } = this.tracks
    return plan.picture.isIntraOnly ? Math.max(audioMs, videoMs + now - videoArrivedAt) : audioMs
  }
}

/** Returns the renditions that a plan publishes. */
const renditionsOf = (plan: TranscodePlan): RenditionPlan[] => [
  ...plan.video.map(({ name }) => ({
    name,
    kind: 'video' as const,
    passthrough: isPassedThrough(plan, name),
  })),
  ...audioNames(plan).map((name) => ({
    name,
    kind: 'audio' as const,
    passthrough: isPassedThrough(plan, name),
  })),
]
