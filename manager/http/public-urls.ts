import { bracketed, hostName, isWildcard } from '../../core/contracts/public-place.ts'
import { multivariantPath } from '../../core/playback/media-paths.ts'

/** Where the outside reaches this instance; unset URLs follow from the host and the ports. */
export interface PublicPlaces {
  host: string
  rtmpPort: number
  edgePort: number
  /** Edges of this instance speak TLS. */
  isEdgeSecure: boolean
  /** Known once the manager listens. */
  managerPort(): number
  rtmpUrl: string | undefined
  edgeUrl: string | undefined
  managerUrl: string | undefined
}

export type PublicUrls = ReturnType<typeof createPublicUrls>

/** Absolute URLs to hand out. `hostHeader` is the Host of the request that asks; it matters where the own address is a wildcard. */
export function createPublicUrls(places: PublicPlaces) {
  const bound = isWildcard(places.host) ? undefined : bracketed(places.host)

  const edgeScheme = places.isEdgeSecure ? 'https' : 'http'
  const edge = (name: string) => places.edgeUrl ?? `${edgeScheme}://${name}:${places.edgePort}`

  return {
    /** What OBS calls the server. */
    rtmpServer(hostHeader: string | undefined): string {
      return places.rtmpUrl ?? `rtmp://${bound ?? hostName(hostHeader)}:${places.rtmpPort}/live`
    },

    playback(slug: string, hostHeader: string | undefined): { hls: string; watch: string } {
      const name = bound ?? hostName(hostHeader)
      const manager = places.managerUrl ?? `http://${name}:${places.managerPort()}`
      return { hls: edge(name) + multivariantPath(slug), watch: `${manager}/watch/${slug}` }
    },

    /** The multivariant playlist of a signed channel, with a token. */
    signedPlayback: (slug: string, token: string, hostHeader: string | undefined) =>
      edge(bound ?? hostName(hostHeader)) + multivariantPath(slug, token),

    /** Whether the operator said where viewers reach playback: that may be all edges under one name. */
    isEdgeUrlGiven: places.edgeUrl !== undefined,

    /** Where the operator said that the manager is reached; a page may have been reached under another name. */
    managerUrls: places.managerUrl === undefined ? [] : [places.managerUrl],

    /** Origin of the edge for a page: the viewer's browser reached this very host name, so it reaches the edge there too. */
    edgeForPage: (hostHeader: string | undefined) => edge(hostName(hostHeader, bound)),
  }
}
