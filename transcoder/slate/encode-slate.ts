import type { Log } from '../../core/process/log.ts'
import type { FfmpegBox } from '../encoder/box/ffmpeg-box.ts'
import { startEncoderRun } from '../encoder/encoder-run.ts'
import type { X264Preset } from '../encoder/ffmpeg-job.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import type { VideoUnit } from '../source/media-unit.ts'
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

/** What ffmpeg has made of one rendition so far. */
interface Made {
  record?: Buffer
  frames: VideoUnit[]
}

/**
 * Creates a function that encodes a slate for the video renditions of a plan. It rejects when the file cannot
 * be decoded, or not in time.
 */
export function createSlateEncoder({ box, log, ...options }: SlateEncoderOptions): SlateEncoder {
  return async ({ mediaType, content }, plan) => {
    const made = new Map<string, Made>(plan.video.map(({ name }) => [name, { frames: [] }]))
    let bytes = 0
    const run = startEncoderRun({
      ...{ box, stallMs, flushMs: timeoutMs, fromMs: 0, log },
      job: slateJob(plan, { ...options, mediaType }),
      onUnit(name, unit) {
        bytes += unit.tag.length
        if (bytes > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
        const rendition = made.get(name)
        if (unit.kind !== 'video' || rendition === undefined) return
        if (unit.packet === 'config') rendition.record = unit.body
        else rendition.frames.push(unit)
      },
    })
    for (const name of made.keys()) run.open(name)
    run.write(content)
    run.finish()
    const end = await run.ended
    if (end.kind === 'failed') throw new Error(end.detail)
    if (end.kind === 'stopped') throw new Error(`not encoded in ${timeoutMs} ms`)
    return mediaOf(made, slateFps(plan))
  }
}

/** @throws Error when a rendition has no frames, or the renditions differ in their number */
function mediaOf(made: ReadonlyMap<string, Made>, fps: number): SlateMedia {
  const [first] = made.values()
  const count = first?.frames.length ?? 0
  const renditions = new Map<string, SlateRendition>()
  for (const [name, { record, frames }] of made) {
    if (record === undefined || count === 0 || frames.length !== count)
      throw new Error('it has no picture that can be decoded')
    renditions.set(name, { record, frames })
  }
  return { lengthMs: (count * 1000) / fps, fps, renditions }
}
