import type { EdgeLoad, EdgeReport } from '../../core/contracts/edge-roster.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** The methods of the edge roster by which an edge reports. */
export interface RosterBoard {
  put(report: EdgeReport): Promise<void>
  remove(pathway: string): Promise<void>
}

export interface EdgeReportOptions {
  log: Log
  /** Returns the present load. Called for each report. */
  load(): EdgeLoad
  everyMs?: number
}

export type EdgeReporter = ReturnType<typeof reportEdge>

/**
 * Reports this edge to the roster every `everyMs`. Failures are logged only: the next report follows soon.
 */
export function reportEdge(
  board: RosterBoard,
  edge: Pick<EdgeReport, 'pathway' | 'place' | 'startedAt'>,
  { log, load, everyMs = 1500 }: EdgeReportOptions,
) {
  let state: EdgeReport['state'] = 'serving'
  const poll = createPoll(
    () =>
      board
        .put({ ...edge, state, load: load() })
        .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'edge report failed')),
    { everyMs },
  )

  return {
    /**
     * Reports from now on that viewers should move to another edge. Resolves after the first such report,
     * also if it failed.
     */
    drain(): Promise<void> {
      state = 'draining'
      return poll.run()
    },
    /**
     * Ends the reports, and removes the edge from the roster unless `isReplaced`, because another process
     * reports the same edge.
     */
    async close(isReplaced = false): Promise<void> {
      await poll.close()
      if (!isReplaced) await board.remove(edge.pathway).catch(() => {})
    },
  }
}
