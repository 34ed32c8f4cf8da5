/** Which encodings a session gets: the setting NOWCAST_LADDER. */
export type Ladder =
  /** The source, and the usual sizes below it. */
  | { kind: 'auto' }
  /** The source alone. */
  | { kind: 'off' }
  /** The named sizes (short side, pixels) that are below the source; with or without the source itself. */
  | { kind: 'list'; source: boolean; shortSides: readonly number[] }

/** Short sides of `auto`, pixels. 1080 is for sources above it. */
const autoShortSides = [1080, 720, 480, 360, 240]

/** A rung needs this much distance from the one above to be worth its work. */
const nearest = 0.9

/** Width and height of a picture, pixels. */
export interface Size {
  width: number
  height: number
}

/**
 * Reads the setting. @throws Error that says what is allowed.
 */
export function parseLadder(value: string | undefined): Ladder {
  if (value === undefined || value === 'auto') return { kind: 'auto' }
  if (value === 'off') return { kind: 'off' }
  const words = value.split(',').map((word) => word.trim().replace(/p$/, ''))
  const shortSides = words.filter((word) => word !== 'source').map(Number)
  const areSane = shortSides.every((side) => Number.isInteger(side) && side >= 100 && side <= 4320)
  if (!areSane || words.length > 8)
    throw new Error('must be auto, off, or a list of at most 8 like source,720,480')
  return {
    kind: 'list',
    source: words.includes('source'),
    shortSides: [...new Set(shortSides)].sort((a, b) => b - a),
  }
}

/** The largest even size within `size`: 4:2:0 has no odd ones. */
export const evenSize = ({ width, height }: Size): Size => ({
  width: Math.max(2, width - (width % 2)),
  height: Math.max(2, height - (height % 2)),
})

export const shortSideOf = ({ width, height }: Size) => Math.min(width, height)

/** `size` scaled to a short side, in the same shape, both sides even; never enlarged. */
export function scaledTo(size: Size, shortSide: number): Size {
  const factor = Math.min(1, shortSide / shortSideOf(size))
  const even = (length: number) => Math.max(2, 2 * Math.round((length * factor) / 2))
  return factor === 1 ? evenSize(size) : { width: even(size.width), height: even(size.height) }
}

/** Sizes below the source that a ladder asks for, largest first. */
export function sizesBelow(ladder: Ladder, source: Size): Size[] {
  if (ladder.kind === 'off') return []
  const top = shortSideOf(evenSize(source))
  const wanted = ladder.kind === 'auto' ? autoShortSides : ladder.shortSides
  const limit = ladder.kind === 'auto' ? top * nearest : top - 1
  return wanted.filter((side) => side <= limit).map((side) => scaledTo(source, side))
}

/**
 * A fair cap for H.264 of a size at a rate, bits/s: 4.5 M for 1080p30, 2.3 M for 720p30, 1.1 M for 480p30, 0.7 M for 360p30.
 */
export function fairBitrate({ width, height }: Size, fps: number): number {
  const bitrate = 4_500_000 * ((width * height) / (1920 * 1080)) ** 0.85 * (fps / 30) ** 0.5
  return Math.max(100_000, Math.round(bitrate / 10_000) * 10_000)
}
