import { messageOf } from '../../core/process/errors.ts'
import type { FfmpegVersion } from '../../core/process/ffmpeg-version.ts'
import type { Log } from '../../core/process/log.ts'
import { ffmpegJob, type X264Preset } from '../ffmpeg/arguments.ts'
import { startFfmpeg } from '../ffmpeg/process.ts'
import { startPull } from '../flv/pull.ts'
import { createStartFilter, type Mark } from '../flv/start-filter.ts'
import { createTagParser } from '../flv/tag-parser.ts'
import type { TranscodePlan } from '../plan/plan.ts'

/** How ffmpeg is run, the same for every session of a process. */
export interface EncoderSettings {
  path: string
  version: FfmpegVersion
  preset: X264Preset
  segmentMs: number
  /** Maximum time without output while input flows, ms. After it ffmpeg is considered hung. */
  stallMs: number
}

/** Why a run ended. The first cause wins. */
export type RunEnd =
  /** The publisher stopped, and all its media was read. */
  | { kind: 'source_ended' }
  /** The ingest broke the connection or did not respond. */
  | { kind: 'source_lost'; detail: string }
  /** ffmpeg died or hung, or its output was unusable. */
  | { kind: 'failed'; detail: string }
  /** It reached the mark at which another run continues. */
  | { kind: 'cut' }
  /** It was too late. Another run continues with the newest media. */
  | { kind: 'late' }
  | { kind: 'stopped' }

export interface TranscodeRunOptions {
  epoch: number
  plan: TranscodePlan
  encoder: EncoderSettings
  /** Length of a part, ms; null: segments only. */
  partMs: number | null
  /** URL of the session's FLV, and the bearer token for it. */
  flvUrl: string
  secret: string
  /** Where in the source it begins; null: at the first frame that the ingest sends. */
  from: Mark | null
  log: Log
}

/** Ends after which the media that ffmpeg has not written yet is useless. */
const immediateEnds: ReadonlySet<RunEnd['kind']> = new Set(['stopped', 'failed', 'late'])

const connectTimeoutMs = 3000
/** Time that ffmpeg has to write the rest after the end of its input, ms. */
const flushMs = 3000

export type TranscodeRun = ReturnType<typeof startTranscodeRun>

/**
 * Runs ffmpeg on a session once. Media is pulled and written to ffmpeg; the output is held back until `open`.
 */
export function startTranscodeRun({ epoch, plan, encoder, from, log, ...source }: TranscodeRunOptions) {
  const cause = Promise.withResolvers<RunEnd>()
  const filter = createStartFilter({ from, onCut: () => cause.resolve({ kind: 'cut' }) })
  const parser = createTagParser(filter.passes)
  const fromMs = from?.kind === 'time' ? from.ms : null
  const ffmpeg = startFfmpeg({
    path: encoder.path,
    job: ffmpegJob(plan, { ...encoder, partMs: source.partMs, fromMs }),
    log,
    stallMs: encoder.stallMs,
  })
  const pull = startPull({
    url: source.flvUrl,
    secret: source.secret,
    connectTimeoutMs,
    onChunk(chunk) {
      try {
        for (const piece of parser.accept(chunk)) if (!ffmpeg.write(piece)) pull.pause()
      } catch (error) {
        cause.resolve({ kind: 'source_lost', detail: messageOf(error) })
      }
    },
  })
  ffmpeg.onDrain(pull.resume)

  void pull.ended.then((end) => {
    if (end.kind === 'ended') cause.resolve({ kind: 'source_ended' })
    if (end.kind === 'lost') cause.resolve({ kind: 'source_lost', detail: end.detail })
  })
  void ffmpeg.ended.then((end) => {
    const detail = end.kind === 'failed' ? end.detail : 'ffmpeg ended before its input'
    cause.resolve({ kind: 'failed', detail })
  })

  async function settle(): Promise<RunEnd> {
    const end = await cause.promise
    pull.stop()
    const hasMore = !immediateEnds.has(end.kind) && filter.view.newestMs !== undefined
    if (hasMore) ffmpeg.finish()
    else ffmpeg.stop()
    const flush = setTimeout(ffmpeg.stop, flushMs)
    await ffmpeg.ended
    clearTimeout(flush)
    return end
  }

  return {
    epoch,
    plan,
    pid: ffmpeg.pid,
    flvUrl: source.flvUrl,
    /** What is known of the source. */
    source: filter.view,
    /** Ends the run at a mark that is still to come. A run that begins there continues without a gap. */
    cutAt: filter.cutAt,
    /** Releases the output. Until then it is held back in ffmpeg's pipes. */
    open: ffmpeg.open,
    /** Ends the run as if the publisher had stopped. */
    finish: () => cause.resolve({ kind: 'source_ended' }),
    /** Ends the run because it is too late. */
    giveWay: () => cause.resolve({ kind: 'late' }),
    stop: () => cause.resolve({ kind: 'stopped' }),
    /** Ends the run because its output is unusable. */
    fail: (detail: string) => cause.resolve({ kind: 'failed', detail }),
    /** Resolves when ffmpeg has exited and all its output was passed on. */
    ended: settle(),
  }
}
