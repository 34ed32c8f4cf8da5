import { type Segment, sizeOf } from './segment.ts'

/** Measured bit rate of a rendition, bits/s. */
export interface Bandwidth {
  peak: number
  average: number
  /** Whether it was measured over complete segments. */
  isWhole: boolean
}

export type BandwidthMeter = ReturnType<typeof createBandwidthMeter>

/** Measures complete segments; before the first one, the parts that have been published. */
export function createBandwidthMeter(targetDuration: number) {
  let peak = 0
  let bytes = 0
  let durationMs = 0

  const bitrate = (size: number, ms: number) => Math.ceil((size * 8000) / ms)

  return {
    /**
     * RFC 8216bis 4.1: "The peak segment bit rate of a Media Playlist is the largest bit rate of any
     * contiguous set of segments whose total duration is between 0.5 and 1.5 times the Target Duration."
     */
    add(segment: Segment): void {
      if (segment.isGap || segment.durationMs < targetDuration * 500) return
      const size = sizeOf(segment)
      peak = Math.max(peak, bitrate(size, segment.durationMs))
      bytes += size
      durationMs += segment.durationMs
    },

    /** Returns what has been measured; null before any media. `open` is the segment that is growing. */
    measure(open: Segment | undefined): Bandwidth | null {
      if (durationMs > 0) return { peak, average: bitrate(bytes, durationMs), isWhole: true }
      if (!open || open.durationMs === 0) return null
      const estimate = bitrate(sizeOf(open), open.durationMs)
      return { peak: estimate, average: estimate, isWhole: false }
    },
  }
}
