import { bracketed, hostName, isWildcard } from '../../core/contracts/public-place.ts'
import { multivariantPath } from '../../core/playback/media-paths.ts'

/** Where clients reach this instance. URLs that are not set follow from the host and the ports. */
export interface PublicPlaces {
  host: string
  rtmpPort: number
  edgePort: number
  /** Whether the edges of this instance use TLS. */
  isEdgeSecure: boolean
  /** Port of the manager, which is known once it listens. */
  managerPort(): number
  rtmpUrl: string | undefined
  edgeUrl: string | undefined
  managerUrl: string | undefined
}

/** The Host header of a request, which URLs in its response may depend on. */
export type HostHeader = string | undefined

export type PublicUrls = ReturnType<typeof createPublicUrls>

/**
 * Absolute URLs for responses. `hostHeader` is the Host of the request; its name is used when this instance
 * listens on a wildcard address.
 */
export function createPublicUrls(places: PublicPlaces) {
  const bound = isWildcard(places.host) ? undefined : bracketed(places.host)

  const edgeScheme = places.isEdgeSecure ? 'https' : 'http'
  const edge = (name: string) => places.edgeUrl ?? `${edgeScheme}://${name}:${places.edgePort}`

  return {
    /** The server URL for OBS. */
    rtmpServer(hostHeader: HostHeader): string {
      return places.rtmpUrl ?? `rtmp://${bound ?? hostName(hostHeader)}:${places.rtmpPort}/live`
    },

    playback(slug: string, hostHeader: HostHeader): { hls: string; watch: string } {
      const name = bound ?? hostName(hostHeader)
      const manager = places.managerUrl ?? `http://${name}:${places.managerPort()}`
      return { hls: edge(name) + multivariantPath(slug), watch: `${manager}/watch/${slug}` }
    },

    /** The multivariant playlist of a signed channel, with a token in its path. */
    signedPlayback: (slug: string, token: string, hostHeader: HostHeader) =>
      edge(bound ?? hostName(hostHeader)) + multivariantPath(slug, token),

    /** Whether the operator set the URL of playback. All edges may be behind it. */
    isEdgeUrlSet: places.edgeUrl !== undefined,

    /**
     * The manager's URL as set by the operator, if any. A browser may have reached a page by another name.
     */
    managerUrls: places.managerUrl === undefined ? [] : [places.managerUrl],

    /**
     * Origin of the edge for a page. The viewer's browser reached this host name, so it reaches the edge by
     * it too.
     */
    edgeForPage: (hostHeader: HostHeader) => edge(hostName(hostHeader, bound)),
  }
}
