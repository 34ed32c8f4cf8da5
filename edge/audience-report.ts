import { messageOf } from '../core/errors.ts'
import type { Experience } from '../core/experience.ts'
import type { Log } from '../core/log.ts'
import type { ViewerTally } from '../core/viewer-tally.ts'

/** What this needs of the live registry. */
export interface AudienceBoard {
  putViewers(edge: string, bySlug: Record<string, ViewerTally>): Promise<void>
  putExperience(edge: string, bySlug: Record<string, Experience>): Promise<void>
}

/** Asked at each report. */
export interface AudienceFigures {
  viewers(): Record<string, ViewerTally>
  experience(): Record<string, Experience>
}

export interface AudienceReportOptions {
  instance: string
  log: Log
  everyMs?: number
}

/** Tells the registry how many watch each channel here, and how they fare, until the returned function is called: then nobody does. */
export function reportAudience(
  board: AudienceBoard,
  figures: AudienceFigures,
  { instance, log, everyMs = 1000 }: AudienceReportOptions,
): () => Promise<void> {
  const report = async (viewers: Record<string, ViewerTally>, experience: Record<string, Experience>) => {
    try {
      await Promise.all([board.putViewers(instance, viewers), board.putExperience(instance, experience)])
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'who watches could not be told')
    }
  }
  const timer = setInterval(() => void report(figures.viewers(), figures.experience()), everyMs)
  return () => {
    clearInterval(timer)
    return report({}, {})
  }
}
