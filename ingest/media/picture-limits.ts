import type { VideoFormat } from '../../core/media/codec/video-format.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

/** Bounds on pictures. Decoders need memory and time for each pixel. */
export interface PictureLimits {
  /** Maximum length of the longer and of the shorter side, pixels, in either orientation. */
  maxLong: number
  maxShort: number
  /** Maximum number of pixels per second. */
  maxPixelRate: number
}

/**
 * Checks a picture at a frame rate; `fps` is 0 while the rate is unknown.
 * @throws UnsupportedMedia when the picture or its number of pixels per second is too large
 */
export function checkPicture(
  { width, height }: Pick<VideoFormat, 'width' | 'height'>,
  fps: number,
  { maxLong, maxShort, maxPixelRate }: PictureLimits,
): void {
  if (Math.max(width, height) > maxLong || Math.min(width, height) > maxShort)
    throw new UnsupportedMedia(
      `A picture of ${width}x${height} is too large. At most ${maxLong}x${maxShort} is accepted.`,
    )
  if (width * height * fps > maxPixelRate)
    throw new UnsupportedMedia(
      `${width}x${height} at ${Math.round(fps)} frames per second is too much. Choose a smaller picture or fewer frames.`,
    )
}
