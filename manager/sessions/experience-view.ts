import type { Experience } from '../../core/contracts/experience.ts'
import { type Sketch, sketchQuantile } from '../../core/contracts/sketch.ts'
import type { ExperienceView } from '../schemas/experience.ts'

/** How viewers of a channel fare as the API shows it; null when nothing is known. */
export function experienceView(experience: Experience | undefined): ExperienceView | null {
  if (experience === undefined) return null
  const { measures, stalledMs, playedMs } = experience
  const watchedMs = stalledMs + playedMs
  return {
    joinMs: spread(measures.joinMs),
    latencyMs: spread(measures.latencyMs),
    bufferMs: spread(measures.bufferMs),
    bitrate: spread(measures.bitrate),
    throughput: spread(measures.throughput),
    stallRatio: watchedMs > 0 ? Number((stalledMs / watchedMs).toFixed(4)) : null,
  }
}

function spread(sketch: Sketch = {}): ExperienceView['joinMs'] {
  const p50 = sketchQuantile(sketch, 0.5)
  const p95 = sketchQuantile(sketch, 0.95)
  return p50 === undefined || p95 === undefined ? null : { p50: Math.round(p50), p95: Math.round(p95) }
}
