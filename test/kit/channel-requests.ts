import { request } from 'node:http'
import { type ReadPlaylist, readMultivariant, readPlaylist } from './playlist.ts'

export interface PlaylistResponse {
  status: number
  headers: Headers
  text: string
  playlist: ReadPlaylist
  /** MSN of the newest whole segment, -1 when there is none. */
  lastWhole: number
  /** The part after the newest one. */
  next: { msn: number; part: number }
  /** Time before the request, ms of `performance.now()`. */
  askedAt: number
  /** Time after the response, ms of `performance.now()`. */
  arrivedAt: number
}

export type ChannelRequests = ReturnType<typeof createChannelRequests>

/**
 * Requests of a player for one channel. URIs are relative to `base`, the folder of the multivariant playlist.
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

    /** Returns a URI of a playlist as one relative to the channel. */
    resolve: (playlistUri: string, uri: string) => resolveUri(base, playlistUri, uri),

    /** Requests without fetch, which always accepts gzip and hides it. */
    raw: (uri: string, headers: Record<string, string> = {}) => rawGet(new URL(uri, base), headers),

    /** Requests a path exactly as it is, without the normalization of URL parsers. */
    requestPath(path: string): Promise<{ status: number }> {
      const { hostname, port } = new URL(base)
      return new Promise((resolve, reject) => {
        request({ hostname, port, path }, (response) => {
          response.resume()
          response.on('end', () => resolve({ status: response.statusCode ?? 0 }))
        })
          .on('error', reject)
          .end()
      })
    },
  }
}

const resolveUri = (base: string, playlistUri: string, uri: string) =>
  new URL(uri, new URL(playlistUri, base)).href.slice(base.length)

function rawGet(
  url: URL,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Headers; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const plain = new Headers(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        )
        resolve({ status: response.statusCode ?? 0, headers: plain, body: Buffer.concat(chunks) })
      })
    })
      .on('error', reject)
      .end()
  })
}
