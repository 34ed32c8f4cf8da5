import {
  type Experience,
  experienceMeasures,
  newExperience,
  sketchOf,
} from '../../core/contracts/experience.ts'
import { addValue } from '../../core/contracts/sketch.ts'
import type { PlayerReport } from './player-report.ts'
import { addToTally, newTally, type RenditionTally } from './rendition-tally.ts'

export interface ExperienceNotesOptions {
  /**
   * Maximum number of renditions, of all channels together; 2000 by default. Reports about further ones are
   * ignored.
   */
  limit?: number
  /** Time without reports after which a rendition is forgotten, ms; 10 minutes by default. */
  forgetAfterMs?: number
}

/** What players reported since the previous delta, by channel. */
export type ExperienceDelta = [slug: string, experience: Experience][]

export type ExperienceNotes = ReturnType<typeof createExperienceNotes>

/**
 * Collects player reports by channel and rendition. Callers take both names from the object that was sent,
 * because a player could invent names.
 */
export function createExperienceNotes(options: ExperienceNotesOptions = {}) {
  const { limit = 2000, forgetAfterMs = 600_000 } = options
  const tallies = createTallyTable(limit)
  let delta = new Map<string, Experience>()

  function deltaOf(slug: string): Experience {
    const known = delta.get(slug)
    if (known) return known
    const created = newExperience()
    delta.set(slug, created)
    return created
  }

  return {
    /** Adds a report that came with a request for an object of a rendition. `now`: ms of the edge's clock. */
    add(slug: string, rendition: string, report: PlayerReport, now: number): void {
      if (!hasMeasures(report)) return
      const tally = tallies.of(slug, rendition)
      if (tally === undefined) return
      tally.usedAt = now
      if (report.ranDry) tally.stalls += 1
      // The bitrate and the buffer of audio say nothing about the picture.
      if (report.isAudio) return
      const channel = deltaOf(slug)
      for (const measure of experienceMeasures) {
        const value = report[measure]
        if (!(value >= 0)) continue
        addToTally(tally, measure, value)
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

    /**
     * Returns the reports since the last call. Also forgets renditions without recent reports. `now`: ms of
     * the edge's clock.
     */
    takeDelta(now: number): ExperienceDelta {
      tallies.forgetBefore(now - forgetAfterMs)
      const taken = [...delta]
      delta = new Map()
      return taken
    },

    tallies: tallies.all,
  }
}

/** Creates a table of at most `limit` tallies, one for each rendition of a channel. */
function createTallyTable(limit: number) {
  const channels = new Map<string, Map<string, RenditionTally>>()
  let size = 0
  return {
    /** Returns the tally of a rendition, a new one if necessary; undefined when the table is full. */
    of(slug: string, rendition: string): RenditionTally | undefined {
      const known = channels.get(slug)?.get(rendition)
      if (known !== undefined || size >= limit) return known
      const tally = newTally(slug, rendition)
      const ofChannel = channels.get(slug)
      if (ofChannel) ofChannel.set(rendition, tally)
      else channels.set(slug, new Map([[rendition, tally]]))
      size += 1
      return tally
    },
    /** Forgets tallies last used at `time` or before. */
    forgetBefore(time: number): void {
      for (const [slug, ofChannel] of channels) {
        for (const [rendition, { usedAt }] of ofChannel) {
          if (usedAt > time) continue
          ofChannel.delete(rendition)
          size -= 1
        }
        if (ofChannel.size === 0) channels.delete(slug)
      }
    },
    *all(): Iterable<RenditionTally> {
      for (const ofChannel of channels.values()) yield* ofChannel.values()
    },
  }
}

/** Whether a report says anything about playback: a measure, a stall, or time played. */
function hasMeasures(report: PlayerReport): boolean {
  if (report.ranDry || report.stalledMs > 0 || report.playedMs > 0) return true
  return experienceMeasures.some((measure) => report[measure] >= 0)
}
