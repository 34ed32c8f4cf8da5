import type { Log } from '../../core/process/log.ts'
import type { MediaUnit } from '../source/media-unit.ts'
import type { EncoderInput } from './encoder-input.ts'
import { type EncoderRun, type FfmpegSettings, startEncoderRun } from './encoder-run.ts'
import type { FfmpegJob } from './ffmpeg-job.ts'
import { createLateness, type Lateness } from './lateness.ts'
import type { RetryPolicy } from './retry-policy.ts'

export interface EncoderOptions {
  ffmpeg: FfmpegSettings
  /** Renditions that it makes. */
  renditions: readonly string[]
  input: EncoderInput
  /** Returns the job of a run whose output begins at a time, ms. */
  jobFrom(fromMs: number): FfmpegJob
  /** Time at which the output begins, ms. */
  fromMs: number
  /** Returns what a new run reads first: the newest frames of the source, from one that can be decoded. */
  backlog(): readonly MediaUnit[]
  retries: RetryPolicy
  metrics: { runs: { inc(): void }; failures: { inc(): void }; skips: { inc(): void } }
  log: Log
  /** Takes the packets of the output. */
  onUnit(rendition: string, unit: MediaUnit): void
  /** Returns the end of the media that all renditions have received, ms; undefined before the first. */
  receivedMs(): number | undefined
  /** Called when a rendition will get no more packets, after `finish`. */
  onFinished(rendition: string): void
  /** Called after a failure that came too soon after others. The encoder stops unless it returns true. */
  onTooManyFailures(detail: string): boolean
}

/** Maximum size of input that waits for ffmpeg, bytes. Beyond it the encoder skips to the newest media. */
const maxQueuedBytes = 64 * 1024 * 1024

type State =
  | { kind: 'running'; run: EncoderRun; lateness: Lateness }
  /** Waits before the next run. */
  | { kind: 'waiting'; timer: NodeJS.Timeout }
  /** The input has ended. */
  | { kind: 'finishing'; run: EncoderRun }
  | { kind: 'ended' }

/**
 * Keeps ffmpeg running on a source, in one run after another. A run that died or hung is followed by one that
 * continues where its output ended; one that is too late by one that begins with the newest keyframe.
 */
export class Encoder {
  readonly #options: EncoderOptions
  /** Renditions whose output flows. */
  readonly #opened = new Set<string>()
  #fromMs: number
  #state: State = { kind: 'ended' }

  constructor(options: EncoderOptions) {
    this.#options = options
    this.#fromMs = options.fromMs
    this.#start()
  }

  get renditions(): readonly string[] {
    return this.#options.renditions
  }

  /** Process id of the present run. */
  get pid(): number | undefined {
    return this.#state.kind === 'running' ? this.#state.run.pid : undefined
  }

  /** Lets the output of a rendition flow. Until then it is held back. */
  open(rendition: string): void {
    if (this.#opened.has(rendition)) return
    this.#opened.add(rendition)
    if (this.#state.kind === 'running' || this.#state.kind === 'finishing') this.#state.run.open(rendition)
    else if (this.#state.kind === 'ended') this.#finished()
  }

  /** Takes the next unit of the source. */
  feed(unit: MediaUnit): void {
    if (this.#state.kind !== 'running') return
    const { run } = this.#state
    run.write(this.#options.input.frame(unit))
    if (run.queuedBytes > maxQueuedBytes) this.#skip(run)
  }

  /** Checks how far the output is behind the source. */
  check({ sourceMs, gopMs }: { sourceMs: number; gopMs: number }): void {
    const receivedMs = this.#options.receivedMs()
    if (this.#state.kind !== 'running' || receivedMs === undefined) return
    const { run, lateness } = this.#state
    const behindMs = sourceMs - receivedMs
    if (lateness.isTooLate({ now: performance.now(), behindMs, gopMs })) this.#skip(run)
  }

  /** Drops what comes for a rendition from now on. */
  close(rendition: string): void {
    this.#opened.delete(rendition)
  }

  /** Ends the input. `onFinished` follows for every rendition that is open. */
  finish(): void {
    const state = this.#state
    if (state.kind === 'waiting') clearTimeout(state.timer)
    if (state.kind === 'running') {
      state.run.finish()
      this.#state = { kind: 'finishing', run: state.run }
    } else if (state.kind !== 'finishing') this.#finished()
  }

  /** Ends it now. Nothing is called after. Resolves when its process is gone. */
  async stop(): Promise<void> {
    const state = this.#state
    this.#opened.clear()
    this.#state = { kind: 'ended' }
    if (state.kind === 'waiting') clearTimeout(state.timer)
    if (state.kind !== 'running' && state.kind !== 'finishing') return
    state.run.stop()
    await state.run.ended
  }

  #start() {
    const { ffmpeg, input, metrics, log, jobFrom, backlog, onUnit } = this.#options
    metrics.runs.inc()
    const run = startEncoderRun({
      ...ffmpeg,
      job: jobFrom(this.#fromMs),
      fromMs: this.#fromMs,
      log,
      onUnit: (rendition, unit) => {
        if (this.#opened.has(rendition)) onUnit(rendition, unit)
      },
    })
    for (const rendition of this.#opened) run.open(rendition)
    this.#state = { kind: 'running', run, lateness: createLateness(performance.now()) }
    run.write(input.head())
    for (const unit of backlog()) run.write(input.frame(unit))
    void run.ended.then((end) => this.#onRunEnd(run, end.kind === 'failed' ? end.detail : undefined))
  }

  #onRunEnd(run: EncoderRun, detail = 'ffmpeg ended before its input') {
    const state = this.#state
    if ((state.kind !== 'running' && state.kind !== 'finishing') || state.run !== run) return
    if (state.kind === 'finishing') this.#finished()
    else this.#recover(run, detail)
  }

  #recover(run: EncoderRun, detail: string) {
    const { retries, metrics, log, onTooManyFailures } = this.#options
    metrics.failures.inc()
    retries.recordRun(performance.now() - run.startedAt)
    const { failures, isTooMany } = retries.recordFailure()
    log.warn({ detail, failures }, 'ffmpeg failed')
    if (isTooMany && !onTooManyFailures(detail)) {
      this.#state = { kind: 'ended' }
      return
    }
    this.#continueAtEnd()
    this.#state = { kind: 'waiting', timer: setTimeout(() => this.#start(), retries.nextDelayMs()) }
  }

  /** Leaves out what has not been encoded, because it is too late. */
  #skip(run: EncoderRun) {
    this.#options.metrics.skips.inc()
    this.#options.log.warn('transcoding is too late: it skips to the newest media')
    this.#state = { kind: 'ended' }
    run.stop()
    this.#continueAtEnd()
    this.#start()
  }

  /** Lets the next run begin where the output ends. */
  #continueAtEnd() {
    this.#fromMs = Math.max(this.#fromMs, Math.floor(this.#options.receivedMs() ?? this.#fromMs))
  }

  #finished() {
    this.#state = { kind: 'ended' }
    for (const rendition of this.renditions)
      if (this.#opened.delete(rendition)) this.#options.onFinished(rendition)
  }
}
