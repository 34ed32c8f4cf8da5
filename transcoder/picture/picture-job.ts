import { type FfmpegVersion, isAtLeast } from '../../core/programs/ffmpeg-version.ts'
import { type FfmpegJob, type InputFormat, keyframeInput } from '../encoder/ffmpeg-job.ts'

/** Name of the output. */
export const pictureOutput = 'picture'

/** Maximum width of a picture, pixels. Smaller video keeps its size. */
const maxWidth = 640
/** Quantiser of JPEG, 2 (best) to 31: about 40 kB for 640x360. */
const quality = '5'

/**
 * Returns the job that makes a JPEG picture of each keyframe that it reads. Frames are converted one after
 * another in one thread: more would only wait for the next keyframe.
 */
export function pictureJob(input: InputFormat, version: FfmpegVersion): FfmpegJob {
  return {
    inputOptions: ['-threads', '1', ...keyframeInput(input)],
    filter: `[0:v:0]scale=min(${maxWidth}\\,iw):-2:flags=fast_bilinear,setsar=1[${pictureOutput}]`,
    outputs: [
      {
        rendition: pictureOutput,
        options: [
          ...['-map', `[${pictureOutput}]`, '-threads', '1', '-c:v', 'mjpeg', '-q:v', quality],
          ...['-pix_fmt', 'yuvj420p'],
          ...(isAtLeast(version, { major: 5, minor: 1 })
            ? ['-fps_mode', 'passthrough']
            : ['-vsync', 'passthrough']),
          ...['-f', 'image2pipe', '-flush_packets', '1'],
        ],
      },
    ],
  }
}
