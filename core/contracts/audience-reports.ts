import { createHeartbeatRecords } from '../mechanisms/heartbeat-records.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import { addExperience, type Experience, newExperience } from './experience.ts'
import { mergeViewerCounts, type ViewerCount } from './viewer-count.ts'

/** Reports of edges about their viewers. A report lapses `ttlMs` after it was written. */
export function createAudienceReports(redis: Redis, ttlMs: number) {
  const index = `${redisPrefix}viewer-edges`
  const viewers = createHeartbeatRecords<Record<string, ViewerCount>>(redis, {
    index,
    prefix: `${redisPrefix}viewers:`,
    ttlMs,
  })
  const experiences = createHeartbeatRecords<Record<string, Experience>>(redis, {
    index,
    prefix: `${redisPrefix}experience:`,
    ttlMs,
  })

  return {
    /** Replaces the edge's previous report, so a channel without viewers can be left out. */
    putViewers: (edge: string, bySlug: Record<string, ViewerCount>): Promise<void> =>
      viewers.put(edge, bySlug),

    /** Returns the number of viewers of each channel over all edges, by slug; see `mergeViewerCounts`. */
    async viewers(): Promise<Map<string, number>> {
      const counts = new Map<string, ViewerCount[]>()
      for (const bySlug of await viewers.all())
        for (const [slug, count] of Object.entries(bySlug)) {
          const known = counts.get(slug)
          if (known) known.push(count)
          else counts.set(slug, [count])
        }
      return new Map([...counts].map(([slug, ofEdges]) => [slug, mergeViewerCounts(ofEdges)]))
    },

    /** Replaces the edge's previous report, so a channel without reports of players can be left out. */
    putExperience: (edge: string, bySlug: Record<string, Experience>): Promise<void> =>
      experiences.put(edge, bySlug),

    /** Returns the experience of the viewers of each channel over all edges, by slug. */
    async experience(): Promise<Map<string, Experience>> {
      const total = new Map<string, Experience>()
      for (const bySlug of await experiences.all())
        for (const [slug, experience] of Object.entries(bySlug)) {
          const known = total.get(slug) ?? newExperience()
          addExperience(known, experience)
          total.set(slug, known)
        }
      return total
    },
  }
}
