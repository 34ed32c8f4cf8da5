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

export type Encoder = ReturnType<typeof createEncoder>

/**
 * Keeps ffmpeg running on a source, in one run after another. A run that died or hung is followed by one that
 * continues where its output ended; one that is too late by one that begins with the newest keyframe.
 */
export function createEncoder(options: EncoderOptions) {
  const { ffmpeg, renditions, input, retries, metrics, log } = options
  const opened = new Set<string>()
  let fromMs = options.fromMs
  let state: State = { kind: 'ended' }

  function start() {
    metrics.runs.inc()
    const run = startEncoderRun({
      ...ffmpeg,
      job: options.jobFrom(fromMs),
      fromMs,
      log,
      onUnit: (rendition, unit) => {
        if (opened.has(rendition)) options.onUnit(rendition, unit)
      },
    })
    for (const rendition of opened) run.open(rendition)
    state = { kind: 'running', run, lateness: createLateness(performance.now()) }
    run.write(input.head())
    for (const unit of options.backlog()) run.write(input.frame(unit))
    void run.ended.then((end) => {
      const isCurrent = (state.kind === 'running' || state.kind === 'finishing') && state.run === run
      if (!isCurrent) return
      if (state.kind === 'finishing') return finished()
      recover(run, end.kind === 'failed' ? end.detail : 'ffmpeg ended before its input')
    })
  }

  function recover(run: EncoderRun, detail: string) {
    metrics.failures.inc()
    retries.recordRun(performance.now() - run.startedAt)
    const { failures, isTooMany } = retries.recordFailure()
    log.warn({ detail, failures }, 'ffmpeg failed')
    if (isTooMany && !options.onTooManyFailures(detail)) {
      state = { kind: 'ended' }
      return
    }
    fromMs = Math.max(fromMs, Math.floor(options.receivedMs() ?? fromMs))
    state = { kind: 'waiting', timer: setTimeout(start, retries.nextDelayMs()) }
  }

  /** Leaves out what has not been encoded, because it is too late. */
  function skip(run: EncoderRun) {
    metrics.skips.inc()
    log.warn('transcoding is too late: it skips to the newest media')
    state = { kind: 'ended' }
    run.stop()
    start()
  }

  function finished() {
    state = { kind: 'ended' }
    for (const rendition of renditions) {
      if (opened.delete(rendition)) options.onFinished(rendition)
    }
  }

  start()
  return {
    renditions,
    /** Process id of the present run. */
    get pid(): number | undefined {
      return state.kind === 'running' ? state.run.pid : undefined
    },
    /** Lets the output of a rendition flow. Until then it is held back. */
    open(rendition: string): void {
      if (opened.has(rendition)) return
      opened.add(rendition)
      if (state.kind === 'running' || state.kind === 'finishing') state.run.open(rendition)
      else if (state.kind === 'ended') finished()
    },
    /** Takes the next unit of the source. */
    feed(unit: MediaUnit): void {
      if (state.kind !== 'running') return
      const { run } = state
      run.write(input.frame(unit))
      if (run.queuedBytes > maxQueuedBytes) skip(run)
    },
    /** Checks how far the output is behind the source. */
    check({ sourceMs, gopMs }: { sourceMs: number; gopMs: number }): void {
      const receivedMs = options.receivedMs()
      if (state.kind !== 'running' || receivedMs === undefined) return
      const { run, lateness } = state
      const behindMs = sourceMs - receivedMs
      if (lateness.isTooLate({ now: performance.now(), behindMs, gopMs })) skip(run)
    },
    /** Drops what comes for a rendition from now on. */
    close: (rendition: string) => void opened.delete(rendition),
    /** Ends the input. `onFinished` follows for every rendition that is open. */
    finish(): void {
      if (state.kind === 'waiting') clearTimeout(state.timer)
      if (state.kind !== 'running') return finished()
      state.run.finish()
      state = { kind: 'finishing', run: state.run }
    },
    /** Ends it now. Nothing is called after. Resolves when its process is gone. */
    async stop(): Promise<void> {
      const last = state
      opened.clear()
      state = { kind: 'ended' }
      if (last.kind === 'waiting') clearTimeout(last.timer)
      if (last.kind !== 'running' && last.kind !== 'finishing') return
      last.run.stop()
      await last.run.ended
    },
  }
}
