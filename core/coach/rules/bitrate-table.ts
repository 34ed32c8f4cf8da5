import type { VideoSource } from '../../media/source.ts'

/** Bitrates of H.264 for a picture size, bits/s: what a moving picture needs, and what no viewer sees. */
interface BitrateRow {
  pixels: number
  /** Up to 30 frames/s, and above. */
  enough: readonly [number, number]
  most: readonly [number, number]
}

const [k, M] = [1000, 1_000_000]

/**
 * The lower bounds are what large services ask streamers for, the upper ones what they recommend at most.
 * Sizes in between have the row of the nearest one.
 */
const table: readonly BitrateRow[] = [
  { pixels: 426 * 240, enough: [300 * k, 400 * k], most: [1.5 * M, 2 * M] },
  { pixels: 640 * 360, enough: [600 * k, 800 * k], most: [2.5 * M, 3.5 * M] },
  { pixels: 854 * 480, enough: [1.1 * M, 1.6 * M], most: [4 * M, 5 * M] },
  { pixels: 1280 * 720, enough: [2.5 * M, 3.5 * M], most: [6 * M, 8 * M] },
  { pixels: 1920 * 1080, enough: [4.5 * M, 6 * M], most: [10 * M, 12 * M] },
  { pixels: 2560 * 1440, enough: [8 * M, 11 * M], most: [18 * M, 24 * M] },
  { pixels: 3840 * 2160, enough: [18 * M, 25 * M], most: [35 * M, 50 * M] },
]

/** Share of the bitrate of H.264 that newer codecs need. */
const shareOfNewer = 0.65

/** Returns the bitrates between which the picture of a source should be, bits/s. */
export function wantedBitrate({ width, height, fps, codec }: VideoSource): { enough: number; most: number } {
  const farness = ({ pixels }: BitrateRow) => Math.abs(Math.log(pixels / (width * height)))
  const row = table.reduce((best, each) => (farness(each) < farness(best) ? each : best))
  const column = fps > 31 ? 1 : 0
  const share = codec === 'h264' || codec === 'other' ? 1 : shareOfNewer
  return { enough: Math.round(row.enough[column] * share), most: row.most[column] }
}
