import {
  type Experience,
  experienceMeasures,
  newExperience,
  sketchOf,
} from '../../core/contracts/experience.ts'
import { addValue } from '../../core/contracts/sketch.ts'
import type { PlayerReport } from './player-report.ts'
import { count, newTally, type Tally } from './rendition-tally.ts'

export interface ExperienceNotesOptions {
  /** Renditions counted at one time, over all channels; of more nothing is noted. */
  limit?: number
  /** A rendition of which nothing was told for so long, ms, is forgotten. */
  forgetAfterMs?: number
}

export type ExperienceNews = [slug: string, experience: Experience][]

export type ExperienceNotes = ReturnType<typeof createExperienceNotes>

/** Notes what players tell of themselves, by channel and rendition: both are names of what was served, never what a player says. */
export function createExperienceNotes({
  limit = 2000,
  forgetAfterMs = 600_000,
}: ExperienceNotesOptions = {}) {
  const tallies = new Map<string, Map<string, Tally>>()
  let size = 0
  /** What came since the last `take`, by channel. */
  let news = new Map<string, Experience>()

  function tallyOf(slug: string, rendition: string): Tally | undefined {
    const known = tallies.get(slug)?.get(rendition)
    if (known !== undefined || size >= limit) return known
    const tally = newTally(slug, rendition)
    const ofChannel = tallies.get(slug)
    if (ofChannel) ofChannel.set(rendition, tally)
    else tallies.set(slug, new Map([[rendition, tally]]))
    size += 1
    return tally
  }

  function newsOf(slug: string): Experience {
    const known = news.get(slug)
    if (known) return known
    const made = newExperience()
    news.set(slug, made)
    return made
  }

  return {
    /** Notes a report that came with a request for something of a rendition; `now` in ms of the edge's clock. */
    note(slug: string, rendition: string, report: PlayerReport, now: number): void {
      if (!tells(report)) return
      const tally = tallyOf(slug, rendition)
      if (tally === undefined) return
      tally.usedAt = now
      if (report.ranDry) tally.stalls += 1
      // Sound has a rate and a buffer of its own, which say nothing of the picture.
      if (report.isOfSound) return
      const channel = newsOf(slug)
      for (const measure of experienceMeasures) {
        const value = report[measure]
        if (!(value >= 0)) continue
        count(tally, measure, value)
        addValue(sketchOf(channel, measure), value)
      }
      if (report.stalledMs > 0) {
        tally.stalledMs += report.stalledMs
        channel.stalledMs += report.stalledMs
      }
      if (report.playedMs > 0) {
        tally.playedMs += report.playedMs
        channel.playedMs += report.playedMs
      }
    },

    /** What was noted since the last call, by channel; also forgets what is over. */
    take(now: number): ExperienceNews {
      for (const [slug, ofChannel] of tallies) {
        for (const [rendition, { usedAt }] of ofChannel) {
          if (now - usedAt < forgetAfterMs) continue
          ofChannel.delete(rendition)
          size -= 1
        }
        if (ofChannel.size === 0) tallies.delete(slug)
      }
      const taken = [...news]
      news = new Map()
      return taken
    },

    *tallies(): Iterable<Tally> {
      for (const ofChannel of tallies.values()) yield* ofChannel.values()
    },
  }
}

/** Whether there is more in it than who watches. */
function tells(report: PlayerReport): boolean {
  if (report.ranDry || report.stalledMs > 0 || report.playedMs > 0) return true
  return experienceMeasures.some((measure) => report[measure] >= 0)
}
