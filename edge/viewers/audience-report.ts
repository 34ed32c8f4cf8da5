import type { Experience } from '../../core/contracts/experience.ts'
import type { ViewerCount } from '../../core/contracts/viewer-count.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** The methods of the live registry by which an edge reports its viewers. */
export interface AudienceBoard {
  putViewers(edge: string, bySlug: Record<string, ViewerCount>): Promise<void>
  putExperience(edge: string, bySlug: Record<string, Experience>): Promise<void>
}

/** Functions that return the figures. Called for each report. */
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
 * Reports to the live registry how many viewers each channel has at this edge, and what they experience. The
 * returned function ends that, with an empty report unless `isReplaced`, because another process reports for
 * the same instance.
 */
export function reportAudience(
  board: AudienceBoard,
  figures: AudienceFigures,
  { instance, log, everyMs = 1000 }: AudienceReportOptions,
): (isReplaced?: boolean) => Promise<void> {
  const report = async (viewers: Record<string, ViewerCount>, experience: Record<string, Experience>) => {
    try {
      await Promise.all([board.putViewers(instance, viewers), board.putExperience(instance, experience)])
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'viewer report failed')
    }
  }
  const poll = createPoll(() => report(figures.viewers(), figures.experience()), { everyMs })
  return async (isReplaced = false) => {
    await poll.close()
    if (!isReplaced) await report({}, {})
  }
}
