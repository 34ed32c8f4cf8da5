import { messageOf } from '../../core/process/errors.ts'
import type { FfmpegVersion } from '../../core/process/ffmpeg-version.ts'
import type { Log } from '../../core/process/log.ts'
import { ffmpegJob, type X264Preset } from '../ffmpeg/arguments.ts'
import { startFfmpeg } from '../ffmpeg/process.ts'
import type { Progress } from '../ffmpeg/progress.ts'
import { createGate, type Mark } from '../flv/gate.ts'
import { startPull } from '../flv/pull.ts'
import { createTagReader } from '../flv/tag-reader.ts'
import type { TranscodePlan } from '../plan/plan.ts'

/** How ffmpeg is run, the same for every session of this process. */
export interface EncoderSettings {
  path: string
  version: FfmpegVersion
  preset: X264Preset
  segmentMs: number
  /** No output for so long while input flows: it hangs, ms. */
  stallMs: number
}

/** Why an epoch is over; the first cause wins. */
export type EpochEnd =
  /** The publisher is through and all its media went out. */
  | { kind: 'source_ended' }
  /** The ingest cut the media off, or gave none. */
  | { kind: 'source_lost'; detail: string }
  /** ffmpeg died or hung. */
  | { kind: 'failed'; detail: string }
  /** It came to the place where another epoch goes on. */
  | { kind: 'cut' }
  /** It was so late that another epoch goes on with the newest media. */
  | { kind: 'late' }
  | { kind: 'stopped' }

export interface EpochOptions {
  number: number
  plan: TranscodePlan
  encoder: EncoderSettings
  /** Length of a part, ms; null: there are none. */
  partMs: number | null
  /** Where the media comes from, with the bearer token for it. */
  flvUrl: string
  secret: string
  /** Where in the source it begins; null: with the first frame that the ingest sends. */
  from: Mark | null
  log: Log
  onProgress?: (progress: Progress) => void
}

/** Takes the bytes of a rendition. */
export type EpochOutput = (rendition: string, chunk: Buffer) => void

/** What ffmpeg has not made yet is of no use after these. */
const endsAtOnce: ReadonlySet<EpochEnd['kind']> = new Set(['stopped', 'failed', 'late'])

const connectTimeoutMs = 3000
/** ffmpeg has so long to write the rest after its input ended, ms. */
const flushMs = 3000

export type Epoch = ReturnType<typeof startEpoch>

/** One run of ffmpeg on a session: media is pulled, fed to it, and what it makes is held back until `open`. */
export function startEpoch(options: EpochOptions) {
  const { plan, encoder, from, log } = options
  const cause = Promise.withResolvers<EpochEnd>()
  const gate = createGate({ from, onCut: () => cause.resolve({ kind: 'cut' }) })
  const reader = createTagReader(gate.passes)
  let output: EpochOutput = () => {}

  const fromMs = from?.kind === 'time' ? from.ms : null
  const ffmpeg = startFfmpeg({
    path: encoder.path,
    job: ffmpegJob(plan, { ...encoder, partMs: options.partMs, fromMs }),
    log,
    stallMs: encoder.stallMs,
    onOutput: (rendition, chunk) => output(rendition, chunk),
    onProgress: options.onProgress ?? (() => {}),
  })
  const pull = startPull({
    url: options.flvUrl,
    secret: options.secret,
    connectTimeoutMs,
    onChunk(chunk) {
      try {
        for (const piece of reader.accept(chunk)) if (!ffmpeg.write(piece)) pull.pause()
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

  async function settle(): Promise<EpochEnd> {
    const end = await cause.promise
    pull.stop()
    const hasMore = !endsAtOnce.has(end.kind) && gate.view.newestMs !== undefined
    if (hasMore) ffmpeg.finish()
    else ffmpeg.stop()
    const flush = setTimeout(ffmpeg.stop, flushMs)
    await ffmpeg.ended
    clearTimeout(flush)
    return end
  }

  return {
    number: options.number,
    plan,
    pid: ffmpeg.pid,
    flvUrl: options.flvUrl,
    source: gate.view,
    /** Ends it at a place of the source that is still to come, without a gap to an epoch that begins there. */
    cutAt: gate.cutAt,
    /** Lets its media go out. */
    open(to: EpochOutput): void {
      output = to
      ffmpeg.open()
    },
    /** Ends it as if the publisher had left. */
    finish: () => cause.resolve({ kind: 'source_ended' }),
    /** Ends it because it is too late. */
    giveWay: () => cause.resolve({ kind: 'late' }),
    stop: () => cause.resolve({ kind: 'stopped' }),
    /** Ends it because its output is of no use. */
    fail: (detail: string) => cause.resolve({ kind: 'failed', detail }),
    /** Resolves when ffmpeg is gone and all its output was handed over. */
    ended: settle(),
  }
}
