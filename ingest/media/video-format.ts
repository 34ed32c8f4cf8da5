import type { VideoSource } from '../../core/media/source.ts'

/** What a codec header tells of the picture; `fps` null when it has no timing of its own. */
export type VideoFormat = Pick<
  VideoSource,
  'codec' | 'codecString' | 'width' | 'height' | 'isBrowserFriendly'
> & { fps: number | null }

/** Whether a stream of one form can go on as the other without a new start. */
export function isSameForm(one: VideoFormat, other: VideoFormat): boolean {
  return (
    one.codec === other.codec &&
    one.codecString === other.codecString &&
    one.width === other.width &&
    one.height === other.height
  )
}
