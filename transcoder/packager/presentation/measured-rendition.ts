import type { Rendition } from '../../../core/media/source.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Segment } from '../window/segment.ts'

const commonRates = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 50, 60_000 / 1001, 60]

/**
 * Completes the plan of a rendition with the codecs, size, frame rate and peak bandwidth of its media. Each
 * is null while unknown.
 */
export function measuredRendition(stream: RenditionStream): Rendition {
  const { plan, track, bandwidth } = stream
  const isVideo = track?.kind === 'video'
  return {
    ...plan,
    codecs: track?.codecs ?? null,
    width: isVideo ? track.width : null,
    height: isVideo ? track.height : null,
    fps: isVideo ? frameRateOf(newestSegments(stream)) : null,
    bandwidth: bandwidth?.peak ?? null,
  }
}

/** Returns the listed segments of the newest epoch that has media, or its open segment if there is none. */
function newestSegments({ window: { listed }, open }: RenditionStream): readonly Segment[] {
  const newest = open && open.parts.length > 0 ? open : listed.at(-1)
  const whole = listed.filter(({ epoch }) => epoch === newest?.epoch)
  return whole.length > 0 || !newest ? whole : [newest]
}

/**
 * Returns the frame rate of some segments, frames/s; null when they have no media. The measured rate is
 * replaced by the nearest common one if rounded timestamps can explain the difference.
 */
function frameRateOf(segments: readonly Segment[]): number | null {
  const parts = segments.flatMap((segment) => segment.parts)
  const durationMs = parts.reduce((sum, part) => sum + part.durationMs, 0)
  if (durationMs === 0) return null
  const measured = (parts.reduce((sum, part) => sum + part.frames, 0) * 1000) / durationMs
  const tolerance = Math.max(0.0004, 2 / durationMs)
  const [nearest] = commonRates.toSorted((a, b) => Math.abs(a - measured) - Math.abs(b - measured))
  const rate = nearest && Math.abs(nearest - measured) / measured < tolerance ? nearest : measured
  return Math.round(rate * 1000) / 1000
}
