import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { createFlvReader } from '../source/flv-reader.ts'
import { createUnitParser, type MediaUnit } from '../source/media-unit.ts'
import type { FfmpegJob } from './ffmpeg-job.ts'
import { startFfmpeg } from './process.ts'

/** How ffmpeg is run, the same for every session of a process. */
export interface FfmpegSettings {
  path: string
  /** Maximum time without output while input flows, ms. After it ffmpeg is considered hung. */
  stallMs: number
}

export interface EncoderRunOptions extends FfmpegSettings {
  job: FfmpegJob
  /** Time at which the output begins, ms. */
  fromMs: number
  log: Log
  /** Takes the packets of the output, in order, those of opened renditions only. */
  onUnit(rendition: string, unit: MediaUnit): void
}

/** Time that ffmpeg has to write the rest after the end of its input, ms. */
const flushMs = 3000

export type EncoderRun = ReturnType<typeof startEncoderRun>

/** Runs ffmpeg once and reads its outputs. */
export function startEncoderRun({ job, fromMs, log, onUnit, ...settings }: EncoderRunOptions) {
  const ffmpeg = startFfmpeg({ ...settings, job, log })

  function read(rendition: string): (chunk: Buffer) => void {
    const parse = createUnitParser(fromMs)
    const reader = createFlvReader((tag) => {
      const unit = parse(tag)
      if (unit) onUnit(rendition, unit)
    })
    return (chunk) => {
      try {
        reader.push(chunk)
      } catch (error) {
        ffmpeg.fail(`its output cannot be understood: ${messageOf(error)}`)
      }
    }
  }

  return {
    startedAt: performance.now(),
    pid: ffmpeg.pid,
    write: ffmpeg.write,
    get queuedBytes(): number {
      return ffmpeg.queuedBytes
    },
    /** Lets the output of a rendition flow. Until then it is held back. */
    open: (rendition: string) => ffmpeg.open(rendition, read(rendition)),
    /** Ends the input. ffmpeg has a moment to write the rest. */
    finish(): void {
      ffmpeg.finish()
      const timer = setTimeout(ffmpeg.stop, flushMs)
      void ffmpeg.ended.then(() => clearTimeout(timer))
    },
    stop: ffmpeg.stop,
    ended: ffmpeg.ended,
  }
}
