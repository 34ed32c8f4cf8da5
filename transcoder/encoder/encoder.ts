import type { Log } from '../../core/process/log.ts'
import type { MediaUnit } from '../source/media-unit.ts'
import type { EncoderInput } from './encoder-input.ts'
import { type EncoderRun, type FfmpegSettings, startEncoderRun } from './encoder-run.ts'
import type { FfmpegJob } from './ffmpeg-job.ts'
import { createLateness, type Lateness } from './lateness.ts'
import type { RetryPolicy } from './retry-policy.ts'

export interface EncoderOptions {
  ffmpeg: FfmpegSettings
  /** Names of the renditions that this encoder makes. */
  renditions: readonly string[]
  input: EncoderInput
  /** Returns the job of a run whose output is needed from `fromMs` on. */
  jobFrom(fromMs: number): FfmpegJob
  /** Presentation time from which the output of the first run is needed, ms. */
  fromMs: number
  /**
   * Returns the frames that a new run reads first: the newest of the source, beginning with one that can be
   * decoded alone.
   */
  backlog(): readonly MediaUnit[]
  retries: RetryPolicy
  metrics: { runs: { inc(): void }; failures: { inc(): void }; skips: { inc(): void } }
  log: Log
  /** Receives the packets of open renditions. */
  onUnit(rendition: string, unit: MediaUnit): void
  /**
   * Returns the time up to which all renditions have received media, ms; undefined while one has received
   * none.
   */
  receivedMs(): number | undefined
  /** Called for each open rendition, after `finish`, when it receives no more packets. */
  onFinished(rendition: string): void
  /** Called when too many runs failed within a minute. The encoder stops unless this returns true. */
  onTooManyFailures(detail: string): boolean
}

/** Maximum size of input that ffmpeg has not read, bytes. Beyond it the encoder skips to the newest media. */
const maxQueuedBytes = 64 * 1024 * 1024

type State =
  | { kind: 'running'; run: EncoderRun; lateness: Lateness }
  /** The previous run failed; the next one starts after a delay. */
  | { kind: 'waiting'; timer: NodeJS.Timeout }
  /** The input has ended, and ffmpeg is writing the rest of its output. */
  | { kind: 'finishing'; run: EncoderRun }
  | { kind: 'ended' }

/**
 * Keeps ffmpeg running for a source, in one run after another. A run is replaced when it dies, hangs or is
 * too late. The next one reads the backlog first. Its output begins where the output so far ends, or at the
 * start of the backlog if that is later.
 */
export class Encoder {
  readonly #options: EncoderOptions
  /** Names of the renditions whose output flows. A new run opens them again. */
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

  /** Process id of ffmpeg; undefined between runs and after `finish`. */
  get pid(): number | undefined {
    return this.#state.kind === 'running' ? this.#state.run.pid : undefined
  }

  /**
   * Lets the output of a rendition flow. Until then it waits in its pipe. If the encoder has ended,
   * `onFinished` is called at once.
   */
  open(rendition: string): void {
    if (this.#opened.has(rendition)) return
    this.#opened.add(rendition)
    if (this.#state.kind === 'running' || this.#state.kind === 'finishing') this.#state.run.open(rendition)
    else if (this.#state.kind === 'ended') this.#finished()
  }

  /** Passes the next unit to ffmpeg. Has no effect between runs: the next run begins with `backlog`. */
  feed(unit: MediaUnit): void {
    if (this.#state.kind !== 'running') return
    const { run } = this.#state
    run.write(this.#options.input.frame(unit))
    if (run.queuedBytes > maxQueuedBytes) this.#skip(run)
  }

  /**
   * Skips to the newest media when the output is too far behind. `sourceMs`: newest time of the source, ms;
   * `gopMs`: length of its longest GOP, ms.
   */
  check({ sourceMs, gopMs }: { sourceMs: number; gopMs: number }): void {
    const receivedMs = this.#options.receivedMs()
    if (this.#state.kind !== 'running' || receivedMs === undefined) return
    const { run, lateness } = this.#state
    const behindMs = sourceMs - receivedMs
    if (lateness.isTooLate({ now: performance.now(), behindMs, gopMs })) this.#skip(run)
  }

  /** Drops all further packets of a rendition. */
  close(rendition: string): void {
    this.#opened.delete(rendition)
  }

  /** Ends the input. `onFinished` follows for each open rendition. */
  finish(): void {
    const state = this.#state
    if (state.kind === 'waiting') clearTimeout(state.timer)
    if (state.kind === 'running') {
      state.run.finish()
      this.#state = { kind: 'finishing', run: state.run }
    } else if (state.kind !== 'finishing') this.#finished()
  }

  /** Ends the encoder now; no callback follows. Resolves when ffmpeg is gone. */
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

  /** Replaces a run that is too late. Viewers miss the media from its last output to the backlog. */
  #skip(run: EncoderRun) {
    this.#options.metrics.skips.inc()
    this.#options.log.warn('transcoding is too late: it skips to the newest media')
    this.#state = { kind: 'ended' }
    run.stop()
    this.#continueAtEnd()
    this.#start()
  }

  /** Makes the output of the next run begin where the output so far ends. */
  #continueAtEnd() {
    this.#fromMs = Math.max(this.#fromMs, Math.floor(this.#options.receivedMs() ?? this.#fromMs))
  }

  #finished() {
    this.#state = { kind: 'ended' }
    for (const rendition of this.renditions)
      if (this.#opened.delete(rendition)) this.#options.onFinished(rendition)
  }
}
