import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { createFlvReader } from '../source/flv-reader.ts'
import { createUnitParser, type MediaUnit } from '../source/media-unit.ts'
import type { FfmpegBox } from './box/ffmpeg-box.ts'
import type { FfmpegJob } from './ffmpeg-job.ts'
import { startFfmpeg } from './process.ts'

/** Settings of ffmpeg that are the same for all sessions of a process. */
export interface FfmpegSettings {
  box: FfmpegBox
  /** Time without output, ms, after which ffmpeg counts as hung if it receives input. */
  stallMs: number
}

export interface EncoderRunOptions extends FfmpegSettings {
  job: FfmpegJob
  /** Time near the start of the output, ms. It decides how the first timestamp, of 31 bits, is extended. */
  fromMs: number
  log: Log
  /** Time for ffmpeg to write the rest of its output after the end of its input, ms; 3000 by default. */
  flushMs?: number
  /** Receives the packets of each open rendition, in order. The run fails when it throws. */
  onUnit(rendition: string, unit: MediaUnit): void
}

export type EncoderRun = ReturnType<typeof startEncoderRun>

/** Runs ffmpeg once and parses its outputs. */
export function startEncoderRun({
  job,
  fromMs,
  log,
  flushMs = 3000,
  onUnit,
  ...settings
}: EncoderRunOptions) {
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
    /** Lets the output of a rendition flow, which waits in its pipe until then. */
    open: (rendition: string) => ffmpeg.open(rendition, read(rendition)),
    /** Ends the input. ffmpeg is stopped if it still runs after `flushMs`. */
    finish(): void {
      ffmpeg.finish()
      const timer = setTimeout(ffmpeg.stop, flushMs)
      void ffmpeg.ended.then(() => clearTimeout(timer))
    },
    stop: ffmpeg.stop,
    ended: ffmpeg.ended,
  }
}
