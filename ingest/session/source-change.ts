import type { Source } from '../../core/media/source.ts'

/** Relative difference up to which frame rates, and GOP lengths, count as equal. */
const tolerance = 0.05

/**
 * Whether the format, frame rate or GOP length of a track has changed, or a bitrate has become known. Other
 * changes of the bitrate do not count.
 */
export function hasChanged(from: Source | null, to: Source): boolean {
  if (from === null) return true
  return hasVideoChanged(from.video, to.video) || hasAudioChanged(from.audio, to.audio)
}

function hasVideoChanged(from: Source['video'], to: Source['video']): boolean {
  if (from === null || to === null) return from !== to
  return (
    from.codecString !== to.codecString ||
    from.width !== to.width ||
    from.height !== to.height ||
    from.isBrowserFriendly !== to.isBrowserFriendly ||
    isFar(from.fps, to.fps) ||
    isFar(from.gopMs ?? 0, to.gopMs ?? 0) ||
    // A bitrate of 0 means that it is not known yet.
    (from.bitrate === 0 && to.bitrate > 0)
  )
}

function hasAudioChanged(from: Source['audio'], to: Source['audio']): boolean {
  if (from === null || to === null) return from !== to
  return (
    from.codecString !== to.codecString ||
    from.sampleRate !== to.sampleRate ||
    from.channels !== to.channels ||
    (from.bitrate === 0 && to.bitrate > 0)
  )
}

const isFar = (one: number, other: number) => Math.abs(one - other) > tolerance * Math.max(one, other)
