/** Video renditions of a session by size (setting NOWCAST_LADDER). */
export type Ladder =
  /** The source, and the sizes of `autoShortSides` that are clearly smaller. */
  | { kind: 'auto' }
  /** The source, without rungs. */
  | { kind: 'off' }
  /**
   * The listed sizes (short side, pixels) that are below the source. `source`: whether the source is a
   * rendition too; it is one anyway if no listed size is below it.
   */
  | { kind: 'list'; source: boolean; shortSides: readonly number[] }

/** Short sides of the rungs of `auto`, pixels. */
const autoShortSides = [1080, 720, 480, 360, 240]

/**
 * Maximum short side of the top rung of `auto`, as a fraction of the short side of the source. A larger rung
 * would hardly save bitrate.
 */
const maxTopRung = 0.9

export interface Size {
  width: number
  height: number
}

/** Parses the setting; undefined means `auto`. @throws Error that says what is allowed */
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

/** Rounds both sides down to even numbers, at least 2, because encoding in 4:2:0 requires even sides. */
export const evenSize = ({ width, height }: Size): Size => ({
  width: Math.max(2, width - (width % 2)),
  height: Math.max(2, height - (height % 2)),
})

export const shortSideOf = ({ width, height }: Size) => Math.min(width, height)

/** Scales a size to a short side. The aspect ratio stays, both sides become even, and nothing is enlarged. */
export function scaledTo(size: Size, shortSide: number): Size {
  const factor = Math.min(1, shortSide / shortSideOf(size))
  const even = (length: number) => Math.max(2, 2 * Math.round((length * factor) / 2))
  return factor === 1 ? evenSize(size) : { width: even(size.width), height: even(size.height) }
}

/**
 * Returns the sizes of a ladder that are below the source, largest first; in `auto`, those up to `maxTopRung`
 * of the source.
 */
export function sizesBelow(ladder: Ladder, source: Size): Size[] {
  if (ladder.kind === 'off') return []
  const top = shortSideOf(evenSize(source))
  const wanted = ladder.kind === 'auto' ? autoShortSides : ladder.shortSides
  const limit = ladder.kind === 'auto' ? top * maxTopRung : top - 1
  return wanted.filter((side) => side <= limit).map((side) => scaledTo(source, side))
}

/**
 * Returns the maximum bitrate for H.264 of a size and frame rate, bits/s: 4.5 M for 1080p30, 2.3 M for
 * 720p30, 1.1 M for 480p30, 0.7 M for 360p30; at least 0.1 M.
 */
export function fairBitrate({ width, height }: Size, fps: number): number {
  const bitrate = 4_500_000 * ((width * height) / (1920 * 1080)) ** 0.85 * (fps / 30) ** 0.5
  return Math.max(100_000, Math.round(bitrate / 10_000) * 10_000)
}
