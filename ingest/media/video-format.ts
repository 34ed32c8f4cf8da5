import type { VideoSource } from '../../core/media/source.ts'

/** What a codec header reveals about the picture. `fps` is null when the header has no timing. */
export type VideoFormat = Pick<
  VideoSource,
  'codec' | 'codecString' | 'width' | 'height' | 'isBrowserFriendly'
> & { fps: number | null }

/** Whether frame rates measured in one format are still valid in the other. */
export function isSameFormat(one: VideoFormat, other: VideoFormat): boolean {
  return (
    one.codec === other.codec &&
    one.codecString === other.codecString &&
    one.width === other.width &&
    one.height === other.height
  )
}
