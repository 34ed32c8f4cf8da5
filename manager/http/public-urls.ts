import { bracketed, hostName, isWildcard } from '../../core/contracts/public-place.ts'
import { multivariantPath, picturePath } from '../../core/playback/media-paths.ts'

/** Where clients reach this instance. URLs that are not set follow from the host and the ports. */
export interface PublicPlaces {
  host: string
  rtmpPort: number
  edgePort: number
  /** Whether the edges of this instance serve HTTPS. */
  isEdgeSecure: boolean
  /** A function, because the port is known only once the manager listens. */
  managerPort(): number
  rtmpUrl: string | undefined
  edgeUrl: string | undefined
  managerUrl: string | undefined
}

/** Host header as the client sent it, not validated; undefined when there was none. */
export type HostHeader = string | undefined

export type PublicUrls = ReturnType<typeof createPublicUrls>

/**
 * Creates absolute URLs for responses. `hostHeader` is the Host header of the request. The host name in it is
 * used when this instance listens on a wildcard address.
 */
export function createPublicUrls(places: PublicPlaces) {
  const bound = isWildcard(places.host) ? undefined : bracketed(places.host)

  const edgeScheme = places.isEdgeSecure ? 'https' : 'http'
  const edge = (name: string) => places.edgeUrl ?? `${edgeScheme}://${name}:${places.edgePort}`

  const manager = (name: string) => places.managerUrl ?? `http://${name}:${places.managerPort()}`

  return {
    /**
     * Returns the link of a one-time token. The token is in the fragment, which browsers do not send, so that
     * it is in no log.
     */
    join: (token: string, hostHeader: HostHeader) =>
      `${manager(bound ?? hostName(hostHeader))}/console/join#${token}`,

    /** Returns the URL that OBS calls the server. It does not contain the stream key. */
    rtmpServer(hostHeader: HostHeader): string {
      return places.rtmpUrl ?? `rtmp://${bound ?? hostName(hostHeader)}:${places.rtmpPort}/live`
    },

    playback(slug: string, hostHeader: HostHeader): Record<'hls' | 'watch' | 'picture', string> {
      const name = bound ?? hostName(hostHeader)
      return {
        hls: edge(name) + multivariantPath(slug),
        watch: `${manager(name)}/watch/${slug}`,
        picture: edge(name) + picturePath(slug),
      }
    },

    /** Returns the URL of a coach page. It contains a secret. */
    coach: (token: string, hostHeader: HostHeader) =>
      `${manager(bound ?? hostName(hostHeader))}/coach/${token}`,

    /**
     * Returns the URL of the multivariant playlist of a signed channel. The token is in the path, so relative
     * URIs in playlists keep it.
     */
    signedPlayback: (slug: string, token: string, hostHeader: HostHeader) =>
      edge(bound ?? hostName(hostHeader)) + multivariantPath(slug, token),

    /**
     * Whether the operator set the edge URL. That URL may be a CDN or a load balancer in front of all edges.
     */
    isEdgeUrlSet: places.edgeUrl !== undefined,

    /**
     * The URL of the manager if the operator set it, otherwise empty. Pages request content steering there,
     * which is another origin if the browser reached the page by another name.
     */
    managerUrls: places.managerUrl === undefined ? [] : [places.managerUrl],

    /**
     * Returns the base URL of the edge for a page. Here the host name in the browser's request comes before
     * the address that this instance listens on: the name led the browser to the manager, so it leads to the
     * edge too.
     */
    edgeForPage: (hostHeader: HostHeader) => edge(hostName(hostHeader, bound)),
  }
}
