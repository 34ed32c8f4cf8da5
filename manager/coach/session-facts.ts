import type { SessionFacts } from '../../core/coach/issues/rule.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { sketchQuantile } from '../../core/contracts/sketch.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'

/** Returns what is known of a live session beside its samples. */
export function factsOf(
  { sessionId, slug, latency, source }: LiveSession,
  { origins, viewers, experience }: LiveSnapshot,
): SessionFacts {
  const origin = origins.get(sessionId)
  const { stalledMs = 0, playedMs = 0, measures } = experience.get(slug) ?? {}
  const watchedMs = stalledMs + playedMs
  return {
    latency,
    source,
    renditions: origin?.renditions ?? [],
    health: origin?.health ?? null,
    viewers: {
      count: viewers.get(slug) ?? 0,
      stallRatio: watchedMs > 0 ? stalledMs / watchedMs : null,
      lowThroughput: sketchQuantile(measures?.throughput ?? {}, 0.25) ?? null,
    },
  }
}
