import type { Experience } from '../../core/contracts/experience.ts'
import type { ViewerCount } from '../../core/contracts/viewer-count.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** The part of the live registry that an edge writes for its viewers. */
export interface AudienceBoard {
  putViewers(edge: string, bySlug: Record<string, ViewerCount>): Promise<void>
  putExperience(edge: string, bySlug: Record<string, Experience>): Promise<void>
}

/** Sources of the figures, read for each report. */
export interface AudienceFigures {
  viewers(): Record<string, ViewerCount>
  experience(): Record<string, Experience>
}

export interface AudienceReportOptions {
  instance: string
  log: Log
  everyMs?: number
}

/**
 * Reports to the registry how many viewers each channel has here, and what they experience. The returned
 * function ends the reports with an empty one.
 */
export function reportAudience(
  board: AudienceBoard,
  figures: AudienceFigures,
  { instance, log, everyMs = 1000 }: AudienceReportOptions,
): () => Promise<void> {
  const report = async (viewers: Record<string, ViewerCount>, experience: Record<string, Experience>) => {
    try {
      await Promise.all([board.putViewers(instance, viewers), board.putExperience(instance, experience)])
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'viewer report failed')
    }
  }
  const poll = createPoll(() => report(figures.viewers(), figures.experience()), { everyMs })
  return async () => {
    await poll.close()
    await report({}, {})
  }
}
