import { type EncodeWork, sumOf } from '../plan/encode-work.ts'

/** A session that wants to encode. */
export interface Applicant extends EncodeWork {
  sessionId: string
  /** Sessions of higher priority keep their renditions for longer. */
  priority: number
}

/** Tolerance for sums of work, megapixels/s. */
const tolerance = 1e-6

/**
 * Returns how many of its renditions each session may encode so that all of them fit into `capacity`,
 * megapixels/s. Renditions are taken away from the sessions of the lowest priority until the rest fits: the
 * largest ones first and, among equals, those of the session that is last in the list. Each session keeps its
 * minimum, even if that does not fit.
 */
export function shareOut(capacity: number, applicants: readonly Applicant[]): Map<string, number> {
  const counts = new Map(applicants.map(({ sessionId, renditions }) => [sessionId, renditions.length]))
  const removable = applicants
    .flatMap(({ sessionId, priority, renditions, minimum }, place) =>
      renditions.slice(0, renditions.length - minimum).map((work) => ({ sessionId, priority, work, place })),
    )
    .sort((a, b) => a.priority - b.priority || b.work - a.work || b.place - a.place)
  let wanted = sumOf(applicants.flatMap(({ renditions }) => renditions))
  for (const { sessionId, work } of removable) {
    if (wanted <= capacity + tolerance) break
    wanted -= work
    counts.set(sessionId, (counts.get(sessionId) ?? 0) - 1)
  }
  return counts
}
