import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { FfmpegBox } from '../encoder/box/ffmpeg-box.ts'
import type { X264Preset } from '../encoder/ffmpeg-job.ts'
import { startFfmpeg } from '../encoder/process.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import { createFlvReader } from '../source/flv-reader.ts'
import { createUnitParser, type VideoUnit } from '../source/media-unit.ts'
import { slateFps, slateJob } from './slate-job.ts'
import type { SlateFile, SlateMedia, SlateRendition } from './slate-media.ts'

export interface SlateEncoderOptions {
  box: FfmpegBox
  preset: X264Preset
  segmentMs: number
  log: Log
}

export type SlateEncoder = (file: SlateFile, plan: TranscodePlan) => Promise<SlateMedia>

/** Maximum time in which a slate is encoded, ms. */
const timeoutMs = 120_000
/** Time without output after which ffmpeg counts as hung, ms. A large picture is decoded and scaled first. */
const stallMs = 30_000
/** Maximum size of all frames of a slate, bytes. Bitrates keep slates below it, except very short ones. */
const maxBytes = 32 * 1024 * 1024

/**
 * Creates a function that encodes a slate for the video renditions of a plan. It rejects when the file cannot
 * be decoded, or not in time.
 */
export function createSlateEncoder({ box, log, ...options }: SlateEncoderOptions): SlateEncoder {
  return async ({ mediaType, content }, plan) => {
    const job = slateJob(plan, { ...options, mediaType })
    const ffmpeg = startFfmpeg({ box, job, log, stallMs })
    const timer = setTimeout(() => ffmpeg.fail(`not encoded in ${timeoutMs} ms`), timeoutMs)
    const collected = plan.video.map(({ name }) => collect(name))
    let bytes = 0

    function collect(name: string) {
      const rendition = { name, record: undefined as Buffer | undefined, frames: [] as VideoUnit[] }
      const parse = createUnitParser(0)
      const reader = createFlvReader((tag) => {
        const unit = parse(tag)
        bytes += tag.length
        if (bytes > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
        if (unit?.kind !== 'video') return
        if (unit.packet === 'config') rendition.record = unit.body
        else rendition.frames.push(unit)
      })
      ffmpeg.open(name, (chunk) => {
        try {
          reader.push(chunk)
        } catch (error) {
          ffmpeg.fail(`the slate cannot be used: ${messageOf(error)}`)
        }
      })
      return rendition
    }

    ffmpeg.write(content)
    ffmpeg.finish()
    const end = await ffmpeg.ended
    clearTimeout(timer)
    if (end.kind !== 'finished') throw new Error(end.kind === 'failed' ? end.detail : 'ffmpeg was stopped')
    return mediaOf(collected, slateFps(plan))
  }
}

/** @throws Error when a rendition has no frames, or the renditions differ in their number */
function mediaOf(
  collected: readonly { name: string; record: Buffer | undefined; frames: VideoUnit[] }[],
  fps: number,
): SlateMedia {
  const count = collected[0]?.frames.length ?? 0
  const renditions = new Map<string, SlateRendition>()
  for (const { name, record, frames } of collected) {
    if (record === undefined || count === 0 || frames.length !== count)
      throw new Error('it has no picture that can be decoded')
    renditions.set(name, { record, frames })
  }
  return { lengthMs: (count * 1000) / fps, fps, renditions }
}
