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
  /** Maximum number of renditions counted, over all channels. Further ones are ignored. */
  limit?: number
  /** Time without reports after which a rendition is forgotten, ms. */
  forgetAfterMs?: number
}

/** What players reported since the previous delta, by channel. */
export type ExperienceDelta = [slug: string, experience: Experience][]

export type ExperienceNotes = ReturnType<typeof createExperienceNotes>

/**
 * Collects player reports by channel and rendition. Both names come from objects that were served, never from
 * a report, so that a client cannot make them up.
 */
export function createExperienceNotes(options: ExperienceNotesOptions = {}) {
  const { limit = 2000, forgetAfterMs = 600_000 } = options
  const tallies = createTallyTable(limit)
  /** Reports since the last `takeDelta`, by channel. */
  let delta = new Map<string, Experience>()

  function deltaOf(slug: string): Experience {
    const known = delta.get(slug)
    if (known) return known
    const created = newExperience()
    delta.set(slug, created)
    return created
  }

  return {
    /**
     * Adds a report that came with a request for an object of a rendition. `now` is in ms of the edge's
     * clock.
     */
    add(slug: string, rendition: string, report: PlayerReport, now: number): void {
      if (!hasMeasures(report)) return
      const tally = tallies.of(slug, rendition)
      if (tally === undefined) return
      tally.usedAt = now
      if (report.ranDry) tally.stalls += 1
      // Audio has its own bitrate and buffer, which say nothing about the picture.
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

    /** Returns what was added since the last call, by channel. Also forgets old renditions. */
    takeDelta(now: number): ExperienceDelta {
      tallies.forgetBefore(now - forgetAfterMs)
      const taken = [...delta]
      delta = new Map()
      return taken
    },

    tallies: tallies.all,
  }
}

/** A table of tallies by channel and rendition, which never has more than `limit` of them. */
function createTallyTable(limit: number) {
  const channels = new Map<string, Map<string, RenditionTally>>()
  let size = 0
  return {
    /** Returns the tally of a rendition, a new one if there is room for it; undefined otherwise. */
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

/** Whether a report contains more than the viewer's id. */
function hasMeasures(report: PlayerReport): boolean {
  if (report.ranDry || report.stalledMs > 0 || report.playedMs > 0) return true
  return experienceMeasures.some((measure) => report[measure] >= 0)
}
