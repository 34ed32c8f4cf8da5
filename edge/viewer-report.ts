import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Viewers } from './viewers.ts'

/** What this needs of the live registry. */
export interface ViewerBoard {
  putViewers(edge: string, bySlug: Record<string, number>): Promise<void>
}

export interface ViewerReportOptions {
  instance: string
  log: Log
  now: () => number
  everyMs?: number
}

/** Tells the registry how many watch each channel here, until the returned function is called: then nobody does. */
export function reportViewers(
  board: ViewerBoard,
  viewers: Pick<Viewers, 'count'>,
  { instance, log, now, everyMs = 1500 }: ViewerReportOptions,
): () => Promise<void> {
  const report = (counts: Record<string, number>) =>
    board
      .putViewers(instance, counts)
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'viewers could not be told'))
  const timer = setInterval(() => void report(viewers.count(now())), everyMs)
  return () => {
    clearInterval(timer)
    return report({})
  }
}
