import {
  addExperience,
  ageExperience,
  type Experience,
  newExperience,
} from '../../core/contracts/experience.ts'

/** Channels remembered at one time. */
const mostChannels = 2000

export type RecentExperience = ReturnType<typeof createRecentExperience>

/** How viewers of each channel fared lately: what was noted weighs less with time, and is forgotten in the end. */
export function createRecentExperience() {
  const channels = new Map<string, Experience>()
  let agedAt = Number.NaN

  return {
    add(slug: string, news: Experience): void {
      let known = channels.get(slug)
      if (known === undefined) {
        if (channels.size >= mostChannels) return
        known = newExperience()
        channels.set(slug, known)
      }
      addExperience(known, news)
    },

    /** By channel; `now` in ms of the edge's clock. */
    at(now: number): Record<string, Experience> {
      const elapsedMs = now - agedAt
      agedAt = now
      if (elapsedMs > 0)
        for (const [slug, experience] of channels)
          if (!ageExperience(experience, elapsedMs)) channels.delete(slug)
      return Object.fromEntries(channels)
    },
  }
}
