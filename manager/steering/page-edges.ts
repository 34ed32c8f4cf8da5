import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import { placeUrl } from '../../core/contracts/public-place.ts'
import { rankEdges } from './edge-choice.ts'

/** Edges that one page is told of. */
const mostEdges = 8

/**
 * Base URLs of the edges for a page, the one to begin with first. As long as one edge at most is known, that is `usual`; and with several
 * still, where the operator gave that URL, unless it is that of an edge that drains.
 */
export function edgesForPage(
  usual: string,
  isUsualGiven: boolean,
  edges: readonly EdgeReport[],
  host: string | undefined,
): string[] {
  if (edges.length < 2) return [usual]
  const ranked = rankEdges(edges, undefined)
  const isDraining = ranked.some(
    ({ place, state }) => state === 'draining' && placeUrl(place, host) === usual,
  )
  const urls = ranked.map(({ place }) => placeUrl(place, host))
  return [...new Set(isUsualGiven && !isDraining ? [usual, ...urls] : urls)].slice(0, mostEdges)
}
