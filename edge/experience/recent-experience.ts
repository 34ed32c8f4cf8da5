import {
  addExperience,
  ageExperience,
  type Experience,
  newExperience,
} from '../../core/contracts/experience.ts'

/** Maximum number of channels. Further ones are ignored until others have faded. */
const maxChannels = 2000

/**
 * Keeps what viewers of each channel experienced recently. Reports lose weight with time, until they no
 * longer count.
 */
export function createRecentExperience() {
  const channels = new Map<string, Experience>()
  let agedAt = Number.NaN

  return {
    add(slug: string, delta: Experience): void {
      let known = channels.get(slug)
      if (known === undefined) {
        if (channels.size >= maxChannels) return
        known = newExperience()
        channels.set(slug, known)
      }
      addExperience(known, delta)
    },

    /** Ages all reports to `now` (ms of the edge's clock), then returns the experience of each channel. */
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
