import type { WatchAddress } from '../../core/api/watch-page.ts'
import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import { placeUrl } from '../../core/contracts/public-place.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { WatchedChannel, WatchPathOf } from '../playback/watch-path.ts'
import { rankEdges } from '../steering/edge-choice.ts'

/** Maximum number of edge URLs in one page. */
const maxEdges = 8

export type WatchAddresses = ReturnType<typeof createWatchAddresses>

/**
 * Creates the addresses that watch pages play: playlist URLs at the edges that `roster` lists at the time of
 * each call.
 */
export function createWatchAddresses(
  urls: Pick<PublicUrls, 'edgeForPage' | 'isEdgeUrlSet'>,
  roster: { readonly edges: readonly EdgeReport[] },
  pathOf: WatchPathOf,
) {
  const edgesFor = (host: HostHeader) =>
    edgesForPage(urls.edgeForPage(host), urls.isEdgeUrlSet, roster.edges, host)
  return {
    edgesFor,

    addressFor(channel: WatchedChannel, host: HostHeader): WatchAddress {
      const { path, renewAfterMs } = pathOf(channel)
      const [hls = '', ...others] = edgesFor(host).map((edge) => edge + path)
      return { hls, others, renewAfterMs }
    },
  }
}

/**
 * Returns the base URLs of the edges for a page, at most `maxEdges`, the preferred one first. With at most
 * one known edge the only URL is `usual`. With several, `usual` comes first if the operator set it
 * (`isUsualSet`), unless it is the URL of a draining edge.
 */
export function edgesForPage(
  usual: string,
  isUsualSet: boolean,
  edges: readonly EdgeReport[],
  host: HostHeader,
): string[] {
  if (edges.length < 2) return [usual]
  const ranked = rankEdges(edges, undefined)
  const isDraining = ranked.some(
    ({ place, state }) => state === 'draining' && placeUrl(place, host) === usual,
  )
  const urls = ranked.map(({ place }) => placeUrl(place, host))
  return [...new Set(isUsualSet && !isDraining ? [usual, ...urls] : urls)].slice(0, maxEdges)
}
