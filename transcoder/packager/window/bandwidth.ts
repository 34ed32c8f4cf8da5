import { type Segment, sizeOf } from './segment.ts'

/** Measured bitrate of a rendition, bits/s. */
export interface Bandwidth {
  peak: number
  average: number
  /** Whether complete segments were measured, and not only the parts of the open one. */
  isWhole: boolean
}

export type BandwidthMeter = ReturnType<typeof createBandwidthMeter>

/**
 * Measures the bitrate of complete segments. Before the first one it estimates from the parts of the open
 * segment. The peak is that of all epochs that have not been forgotten, the average that of the newest one:
 * another epoch can have another picture.
 */
export function createBandwidthMeter(targetDuration: number) {
  const peaks = new Map<number, number>()
  let newest: number | undefined
  let bytes = 0
  let durationMs = 0

  const bitrate = (size: number, ms: number) => Math.ceil((size * 8000) / ms)

  return {
    /**
     * Adds a complete segment. Gaps do not count, nor do segments shorter than half a target duration: the
     * specification defines the peak over 0.5 to 1.5 target durations (RFC 8216bis 4.1).
     */
    add(segment: Segment): void {
      if (segment.isGap || segment.durationMs < targetDuration * 500) return
      const size = sizeOf(segment)
      const { epoch } = segment
      if (epoch !== newest) [newest, bytes, durationMs] = [epoch, 0, 0]
      peaks.set(epoch, Math.max(peaks.get(epoch) ?? 0, bitrate(size, segment.durationMs)))
      bytes += size
      durationMs += segment.durationMs
    },

    /** Forgets the peaks of epochs, except the newest one, for which `isHeld` returns false. */
    forget(isHeld: (epoch: number) => boolean): void {
      for (const epoch of peaks.keys()) if (epoch !== newest && !isHeld(epoch)) peaks.delete(epoch)
    },

    /** Returns the bitrate; null when there is nothing to measure. `open`: the segment that is growing. */
    measure(open: Segment | undefined): Bandwidth | null {
      if (durationMs > 0)
        return { peak: Math.max(...peaks.values()), average: bitrate(bytes, durationMs), isWhole: true }
      if (!open || open.durationMs === 0) return null
      const estimate = bitrate(sizeOf(open), open.durationMs)
      return { peak: estimate, average: estimate, isWhole: false }
    },
  }
}
