import type { EdgeLoad, EdgeReport } from '../../core/contracts/edge-roster.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** What this needs of the roster. */
export interface RosterBoard {
  put(report: EdgeReport): Promise<void>
  remove(pathway: string): Promise<void>
}

export interface EdgeReportOptions {
  log: Log
  /** Read for each report. */
  load(): EdgeLoad
  everyMs?: number
}

export type EdgeReporter = ReturnType<typeof reportEdge>

/** Tells the others of this edge again and again, until it is closed. Failures are logged, never thrown. */
export function reportEdge(
  board: RosterBoard,
  edge: Pick<EdgeReport, 'pathway' | 'place' | 'startedAt'>,
  { log, load, everyMs = 1500 }: EdgeReportOptions,
) {
  let state: EdgeReport['state'] = 'serving'
  const report = () =>
    board
      .put({ ...edge, state, load: load() })
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'the edge could not be told'))
  void report()
  const timer = setInterval(() => void report(), everyMs)

  return {
    /** Asks that viewers be sent elsewhere from now on. */
    drain(): Promise<void> {
      state = 'draining'
      return report()
    },
    async close(): Promise<void> {
      clearInterval(timer)
      await board.remove(edge.pathway).catch(() => {})
    },
  }
}
