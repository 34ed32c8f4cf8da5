import type { Experience } from '../../core/contracts/experience.ts'
import type { ViewerCount } from '../../core/contracts/viewer-count.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** What this needs of the live registry. */
export interface AudienceBoard {
  putViewers(edge: string, bySlug: Record<string, ViewerCount>): Promise<void>
  putExperience(edge: string, bySlug: Record<string, Experience>): Promise<void>
}

/** Asked at each report. */
export interface AudienceFigures {
  viewers(): Record<string, ViewerCount>
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
  const report = async (viewers: Record<string, ViewerCount>, experience: Record<string, Experience>) => {
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
