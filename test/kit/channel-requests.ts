import type { IncomingHttpHeaders } from 'node:http'
import { get as getPlain } from './http/client.ts'
import { type ReadPlaylist, readMultivariant, readPlaylist } from './playlist.ts'

export interface PlaylistResponse {
  status: number
  headers: Headers
  text: string
  playlist: ReadPlaylist
  /** MSN of the newest whole segment, -1 when there is none. */
  lastWhole: number
  /** Position of the part after the newest one. */
  next: { msn: number; part: number }
  /** `performance.now()` before the request, ms. */
  askedAt: number
  /** `performance.now()` after the response, ms. */
  arrivedAt: number
}

export type ChannelRequests = ReturnType<typeof createChannelRequests>

/**
 * Sends requests as a player of one channel. URIs are relative to `base`, the folder of the multivariant
 * playlist.
 */
export function createChannelRequests(base: string) {
  const get = (uri: string) => fetch(new URL(uri, base))

  return {
    base,

    async playlistAt(uri: string, query = ''): Promise<PlaylistResponse> {
      const askedAt = performance.now()
      const response = await get(query ? `${uri}?${query}` : uri)
      const text = await response.text()
      const arrivedAt = performance.now()
      const playlist = readPlaylist(response.ok ? text : '')
      const newest = playlist.segments.at(-1)
      const lastWhole = playlist.segments.findLast((segment) => segment.uri !== undefined)?.msn ?? -1
      const next =
        newest && !newest.uri
          ? { msn: newest.msn, part: newest.parts.length }
          : { msn: lastWhole + 1, part: 0 }
      const { status, headers } = response
      return { status, headers, text, playlist, lastWhole, next, askedAt, arrivedAt }
    },

    multivariant: async () => readMultivariant(await (await get('index.m3u8')).text()),

    async mediaAt(playlistUri: string, uri: string) {
      const response = await get(resolveUri(base, playlistUri, uri))
      return {
        status: response.status,
        headers: response.headers,
        body: Buffer.from(await response.arrayBuffer()),
      }
    },

    /** Turns a URI relative to a playlist into one relative to `base`. */
    resolve: (playlistUri: string, uri: string) => resolveUri(base, playlistUri, uri),

    /** Requests with the given headers only. `fetch` would always ask for gzip and unpack it unnoticed. */
    async raw(uri: string, headers: Record<string, string> = {}) {
      const response = await getPlain(new URL(uri, base), { headers })
      return { ...response, headers: plainHeaders(response.headers) }
    },

    /** Requests a path exactly as it is, without the normalization of URL parsers. */
    requestPath: (path: string): Promise<{ status: number }> => getPlain(base, { path }),
  }
}

const resolveUri = (base: string, playlistUri: string, uri: string) =>
  new URL(uri, new URL(playlistUri, base)).href.slice(base.length)

const plainHeaders = (headers: IncomingHttpHeaders) =>
  new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))
