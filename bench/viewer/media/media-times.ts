import { readFragments } from '../../stand/track-fragments.ts'

/** Times of the first track of a part or segment, ticks. */
export interface MediaTimes {
  decodeTime: number
  end: number
}

/**
 * Reads the times of a part or segment (ISO/IEC 14496-12 8.8). Returns undefined when it is not whole: each
 * box must end with the bytes or before, and the last one must be an `mdat`.
 */
export function readMediaTimes(bytes: Buffer): MediaTimes | undefined {
  try {
    if (!endsWithMedia(bytes)) return undefined
    const all = readFragments(bytes)
    const fragments = all.filter(({ trackId }) => trackId === all[0]?.trackId)
    const last = fragments.at(-1)?.samples.at(-1)
    if (fragments[0] === undefined || last === undefined) return undefined
    return { decodeTime: fragments[0].decodeTime, end: last.dts + last.duration }
  } catch {
    return undefined
  }
}

function endsWithMedia(bytes: Buffer): boolean {
  let last = ''
  let at = 0
  while (at + 8 <= bytes.length) {
    last = bytes.toString('latin1', at + 4, at + 8)
    const size = bytes.readUInt32BE(at)
    if (size < 8) return false
    at += size
  }
  return at === bytes.length && last === 'mdat'
}

/** Returns the ticks per second of the first track of an init segment; undefined when it has no `mdhd`. */
export function readTimescale(init: Buffer): number | undefined {
  const at = init.indexOf('mdhd', 0, 'latin1')
  if (at < 0) return undefined
  // The times before the timescale are twice as long in version 1 of the box (ISO/IEC 14496-12 8.4.2).
  const timescale = at + (init[at + 4] === 1 ? 24 : 16)
  return timescale + 4 <= init.length ? init.readUInt32BE(timescale) : undefined
}
