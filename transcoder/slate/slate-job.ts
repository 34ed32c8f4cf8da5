import type { SlateMediaType } from '../../core/contracts/slate-file.ts'
import {
  type FfmpegJob,
  inputOptions,
  outputOptions,
  qualityOptions,
  type X264Preset,
} from '../encoder/ffmpeg-job.ts'
import { fairBitrate, type Size } from '../plan/ladder.ts'
import type { TranscodePlan } from '../plan/plan.ts'

export interface SlateJobOptions {
  mediaType: SlateMediaType
  preset: X264Preset
  /** Time between keyframes, ms. */
  segmentMs: number
}

/** Maximum length of a slate that is shown, s. The rest of a longer clip is left out. */
const maxSeconds = 30
/** Maximum bitrate of all renditions of a slate together, bits/s, so that it takes at most 16 MB. */
const maxTotalBitrate = 4_300_000
/** Bounds of the frame rate, frames/s. */
const [minFps, maxFps] = [10, 60]

/** Demuxers that read the types of slates from a pipe. */
const demuxers: Record<SlateMediaType, readonly string[]> = {
  'image/png': ['-f', 'png_pipe'],
  'image/jpeg': ['-f', 'jpeg_pipe'],
  'video/mp4': ['-f', 'mov'],
  'video/webm': ['-f', 'matroska'],
}

/** Returns the frame rate of the slate of a plan, frames/s: that of the plan, within bounds. */
export const slateFps = ({ fps }: TranscodePlan) => Math.min(maxFps, Math.max(minFps, fps))

/**
 * Returns the job that encodes a slate for all video renditions of a plan, those that are passed through too.
 * Bars fill up what the slate leaves of a picture.
 */
export function slateJob(plan: TranscodePlan, { mediaType, preset, segmentMs }: SlateJobOptions): FfmpegJob {
  const fps = slateFps(plan)
  const framesPerKeyframe = Math.max(1, Math.round((segmentMs * fps) / 1000))
  const fair = plan.video.map((size) => fairBitrate(size, fps))
  const share = Math.min(1, maxTotalBitrate / fair.reduce((sum, each) => sum + each, 0))
  return {
    inputOptions: [...inputOptions, ...demuxers[mediaType]],
    filter: filterGraph(plan.video, mediaType, fps, framesPerKeyframe),
    outputs: plan.video.map(({ name }, index) => {
      const bitrate = String(Math.round((fair[index] ?? 0) * share))
      return {
        rendition: name,
        options: [
          ...['-map', `[${name}]`, '-c:v', 'libx264', '-preset', preset],
          ...qualityOptions(preset, bitrate),
          ...[
            '-sc_threshold',
            '0',
            '-g',
            String(framesPerKeyframe),
            '-keyint_min',
            String(framesPerKeyframe),
          ],
          ...outputOptions,
        ],
      }
    }),
  }
}

/** Builds the filter graph. A picture becomes one GOP, and a clip gets the frame rate of the plan. */
function filterGraph(
  renditions: readonly (Size & { name: string })[],
  mediaType: string,
  fps: number,
  framesPerKeyframe: number,
): string {
  const timed = mediaType.startsWith('image/')
    ? `loop=loop=${framesPerKeyframe - 1}:size=1:start=0,setpts=N/(${fps}*TB)`
    : `setpts=PTS-STARTPTS,trim=duration=${maxSeconds},fps=${fps}`
  const branches = renditions.map(({ name }) => `[to${name}]`).join('')
  return [
    `[0:v:0]${timed},split=${renditions.length}${branches}`,
    ...renditions.map(({ name, width, height }) => {
      const size = `${width}:${height}`
      const fitted = `scale=${size}:force_original_aspect_ratio=decrease:force_divisible_by=2`
      return `[to${name}]${fitted},pad=${size}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p[${name}]`
    }),
  ].join(';')
}
