import type { Log } from '../../core/process/log.ts'
import type { Presentation } from '../packager/packager.ts'
import type { PlanOptions, TranscodePlan } from '../plan/plan.ts'
import type { Allowance } from '../room/room.ts'
import { type MediaUnit, shownAtMs } from '../source/media-unit.ts'
import { SourceTracks } from '../source/source-tracks.ts'
import { EndingEpoch } from './ending-epoch.ts'
import { Epoch } from './epoch.ts'
import type { EncoderFactory } from './epoch-encoders.ts'
import { createPlanner, type MeasuredSource, type Planner, renditionsOf } from './planner.ts'
import { createSlateShow, type SlateShow, type SlateShowOptions } from './slate-show.ts'

export interface EpochSequenceOptions {
  presentation: Presentation
  encoders: EncoderFactory
  planOptions: Pick<PlanOptions, 'ladder' | 'fillsParts'>
  /** Segment length in the settings (NOWCAST_SEGMENT_MS), ms. */
  segmentMs: number
  allowance: Allowance
  measured(): MeasuredSource
  slateOf?: SlateShowOptions['slateOf']
  /** Returns the number of the next epoch; each is larger than all before it. */
  nextNumber(): number
  /** Called when an epoch starts to publish. */
  onEpoch(epoch: Epoch): void
  log: Log
}

/** Time that a new encoder has for its first output, ms. The present epoch continues until then. */
const handoverMs = 400

/**
 * Transcodes a session in epochs, one after another. An epoch begins at the first frame, after an
 * interruption or a change of the source's configuration, when GOPs become too long to be passed through, and
 * when there is room for more or fewer renditions.
 */
export class EpochSequence {
  readonly tracks = new SourceTracks()
  readonly #options: EpochSequenceOptions
  readonly #planner: Planner
  readonly #slate: SlateShow
  #current: Epoch | undefined
  /** The epoch that begins soon; undefined when none is planned. Its encoders are already running. */
  #next: Epoch | undefined
  #ending: EndingEpoch | undefined
  #isStopped = false
  #isInterrupted = false

  constructor(options: EpochSequenceOptions) {
    this.#options = options
    this.#planner = createPlanner({ ...options, options: options.planOptions, tracks: this.tracks })
    this.#slate = createSlateShow({ ...options, tracks: this.tracks })
  }

  /** The newest epoch that publishes; undefined before the first one. */
  get current(): Epoch | undefined {
    return this.#current
  }

  /** Whether the publisher is gone or silent, and its next media has not begun. */
  get isInterrupted(): boolean {
    return this.#isInterrupted
  }

  /** Passes the next unit of the source to the epochs. */
  add(unit: MediaUnit): void {
    if (this.#isStopped) return
    this.tracks.observe(unit, performance.now())
    if (unit.packet === 'config') return
    if (this.tracks.hasCaptions) this.#options.presentation.hasCaptions = true
    const hasBegun = this.#beginIfDue(unit)
    if (this.#isInterrupted) return
    const next = this.#next
    next?.feed(unit)
    if (next && this.tracks.hasReached(next.fromMs, unit)) {
      this.#change(next)
      return
    }
    this.#ending?.add(unit, this.#current)
    this.#current?.feed(unit, hasBegun)
  }

  /** Plans again, checks the encoders, and repeats a frozen picture. Must be called regularly. */
  tick(now = performance.now()): void {
    const { tracks } = this
    const current = this.#current
    const newestMs = tracks.newestMs
    if (current === undefined || newestMs === undefined || this.#isStopped) return
    if (this.#slate.isDue(current.plan, now)) {
      this.#pause()
      return
    }
    const { video, picture } = current.plan
    const isPictureFrozen = video.length > 0 && tracks.isPictureFrozen(now, picture.isIntraOnly)
    const mediaMs = isPictureFrozen ? tracks.frozenMediaMs(now, picture.isIntraOnly) : newestMs
    for (const epoch of [this.#ending?.epoch, current]) epoch?.advance({ now, mediaMs, isPictureFrozen })
    if (this.#ending && !this.#ending.epoch.isPublishing) this.#forgetEnding()
    if (!isPictureFrozen) current.checkEncoders(newestMs)
    if (this.#next === undefined) this.#replan(current)
  }

  /** Publishes what the encoders still hold after the end of the source. Resolves when all is published. */
  async finish(): Promise<void> {
    this.#slate.end()
    const epochs = this.#publishing
    for (const epoch of epochs)
      for (const kind of ['video', 'audio'] as const) epoch.finish(kind, Number.POSITIVE_INFINITY)
    await Promise.all(epochs.map((epoch) => epoch.published))
  }

  /**
   * Publishes what the encoders still hold, because the publisher is gone. Another epoch begins with the next
   * media, which is that of another publish.
   */
  interrupt(): void {
    this.tracks.forgetAudio()
    this.#pause()
  }

  /** Publishes what the encoders still hold. Another epoch begins with the next media, at a keyframe. */
  #pause() {
    if (this.#current === undefined || this.#isInterrupted) return
    this.#isInterrupted = true
    void this.#next?.stop()
    this.#next = undefined
    this.#planner.pause()
    this.#options.presentation.pause.begin()
    void this.finish().then(() => this.showSlate())
  }

  /** Shows the slate, if the publisher is gone and there is one. Must be called when there is one. */
  showSlate(): void {
    const plan = this.#current?.plan
    if (this.#publishing.some((epoch) => epoch.isPublishing)) return
    if (plan && this.#isInterrupted && !this.#isStopped) this.#slate.show(plan)
  }

  get #publishing(): Epoch[] {
    return [this.#ending?.epoch, this.#current].filter((epoch) => epoch !== undefined)
  }

  /** Ends all epochs and encoders now. Resolves when the encoders are gone. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#slate.end()
    const epochs = [this.#ending?.epoch, this.#current, this.#next]
    await Promise.all(epochs.map((epoch) => epoch?.stop()))
  }

  /** Begins an epoch, if the source requires it and `unit` can be its first. Returns whether one began. */
  #beginIfDue(unit: MediaUnit): boolean {
    const current = this.#current
    if ((current && !this.#mustChange(current)) || !this.#canBegin(unit)) return false
    void this.#next?.stop()
    this.#change(this.#newEpoch(this.#planner.plan(current?.plan), shownAtMs(unit)))
    return true
  }

  /** Whether an epoch can begin with this unit: a keyframe or, if the source has no video, audio. */
  #canBegin(unit: MediaUnit): boolean {
    const { video, audio } = this.tracks
    if (video) return unit.packet === 'keyframe' && this.#slate.admits(shownAtMs(unit))
    // If ingest has measured video, the first epoch waits for its first keyframe.
    const expectsVideo = this.#current === undefined && this.#options.measured().source.video !== null
    return !expectsVideo && audio !== undefined && unit.kind === 'audio'
  }

  /**
   * Whether an epoch must end at the next keyframe, because of an interruption, another configuration of the
   * source, or other room. With timed keyframes, `#replan` handles audio and room without waiting for one.
   */
  #mustChange(epoch: Epoch): boolean {
    if (this.#isInterrupted) return true
    if (this.tracks.hasOtherVideo(epoch.video)) return true
    return (
      epoch.plan.keyframes === 'source' &&
      (this.tracks.hasOtherAudio(epoch.audio) || this.#hasOtherRoom(epoch))
    )
  }

  #hasOtherRoom({ plan }: Epoch): boolean {
    return this.#next === undefined && this.#planner.isAllowedOther(plan)
  }

  #newEpoch(plan: TranscodePlan, fromMs: number): Epoch {
    const { presentation, encoders, nextNumber, log } = this.#options
    const number = nextNumber()
    return new Epoch({
      number,
      plan,
      fromMs,
      tracks: this.tracks,
      gopMs: this.#planner.expectedGopMs,
      presentation,
      encoders,
      log: log.child({ epoch: number }),
    })
  }

  /** Makes an epoch publish from its start on, in place of the present one. */
  #change(epoch: Epoch) {
    const { presentation, onEpoch } = this.#options
    const previous = this.#current
    const atMs = epoch.fromMs
    this.#isInterrupted = false
    this.#slate.end(atMs)
    void this.#ending?.epoch.stop()
    this.#ending = undefined
    this.#next = undefined
    this.#current = epoch
    presentation.setRenditions(renditionsOf(epoch.plan))
    epoch.open()
    epoch.takeOver('video', previous, atMs)
    const waitsForAudio =
      previous !== undefined && epoch.plan.audio !== 'silent' && previous.plan.audio !== 'silent'
    if (previous) this.#ending = new EndingEpoch(previous, atMs, waitsForAudio)
    if (!waitsForAudio) epoch.takeOver('audio', previous, atMs)
    onEpoch(epoch)
  }

  /** Prepares another epoch when the plan no longer suits the source. */
  #replan(current: Epoch) {
    if (current.plan.keyframes === 'timed') {
      if (!this.tracks.hasOtherAudio(current.audio) && !this.#hasOtherRoom(current)) return
      const fromMs = (this.tracks.newestMs ?? 0) + handoverMs
      this.#next = this.#newEpoch(this.#planner.plan(current.plan), fromMs)
      return
    }
    const replan = this.#planner.replan(current.plan)
    if (replan === undefined) return
    this.#options.log.info('the GOP is too long to be passed through: all video is encoded')
    const next = this.#newEpoch(replan.plan, replan.fromMs)
    this.#next = next
    const newest = this.tracks.gop.at(-1)
    if (newest && this.tracks.hasReached(replan.fromMs, newest)) this.#change(next)
  }

  #forgetEnding() {
    void this.#ending?.epoch.stop()
    this.#ending = undefined
  }
}
