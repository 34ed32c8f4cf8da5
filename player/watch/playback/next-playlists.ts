import type { PendingBody } from '../network/requests.ts'

export type PlaylistKind = 'level' | 'audioTrack'

/** A body is not handed over when it was requested longer ago than this, ms. */
const maxAgeMs = 8000

interface NextPlaylist {
  url: string
  requestedAt: number
  pending: PendingBody
}

/**
 * Requests the next version of a playlist when the last one has arrived, before hls.js does. It is meant for
 * playback of whole segments: where a playlist ends with a complete segment, hls.js waits for about a target
 * duration before it reloads. On a link with a long round trip, each second segment would be requested a
 * round trip late.
 *
 * At most one request of each kind is open or waits to be taken.
 */
export function createNextPlaylists(request: (url: string, kind: PlaylistKind) => PendingBody) {
  const nexts = new Map<PlaylistKind, NextPlaylist>()
  const last = new Map<PlaylistKind, string>()

  function drop(kind: PlaylistKind) {
    last.delete(kind)
    nexts.get(kind)?.pending.abort()
    nexts.delete(kind)
  }

  return {
    /** Returns the body of `url` if it was requested; otherwise drops what was requested of this kind. */
    take(kind: PlaylistKind, url: string): PendingBody | undefined {
      const next = nexts.get(kind)
      if (next?.url !== url || performance.now() - next.requestedAt > maxAgeMs) {
        drop(kind)
        return undefined
      }
      nexts.delete(kind)
      return next.pending
    },

    /** Requests the version after that in `body`, the response for `url`. Only the last `url` is followed. */
    async follow(kind: PlaylistKind, url: string, body: PendingBody['body']): Promise<void> {
      last.set(kind, url)
      const { data } = await body
      const next = nextVersion(new TextDecoder().decode(data), url)
      if (next === undefined || last.get(kind) !== url) return
      nexts.get(kind)?.pending.abort()
      nexts.set(kind, { url: next, requestedAt: performance.now(), pending: request(next, kind) })
    },

    /** Follows no playlist of this kind any more. Aborts the request, if any, and forgets its body. */
    drop,

    clear(): void {
      drop('level')
      drop('audioTrack')
    },
  }
}

/**
 * Returns the URL with which hls.js requests the next version of a playlist: for the next whole segment, as a
 * delta update if the server offers it. Undefined when the playlist lists parts of that segment, because
 * hls.js then reloads at once, and when the server does not hold reloads or the playlist is complete
 * (RFC 8216bis, sections 4.4.3.8, 4.4.5.2 and 6.2.5).
 */
export function nextVersion(playlist: string, url: string): string | undefined {
  const numberOf = (pattern: RegExp) => Number(pattern.exec(playlist)?.[1] ?? 0)
  const segments = [...playlist.matchAll(/^#EXTINF:/gm)]
  const isGrowing = playlist.lastIndexOf('\n#EXT-X-PART:') > (segments.at(-1)?.index ?? 0)
  const isHeld = /^#EXT-X-SERVER-CONTROL:.*CAN-BLOCK-RELOAD=YES/m.test(playlist)
  if (isGrowing || !isHeld || /^#EXT-X-ENDLIST/m.test(playlist)) return undefined
  const first = numberOf(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m)
  const skipped = numberOf(/^#EXT-X-SKIP:.*SKIPPED-SEGMENTS=(\d+)/m)
  const next = new URL(url)
  for (const directive of ['_HLS_part', '_HLS_skip']) next.searchParams.delete(directive)
  next.searchParams.set('_HLS_msn', `${first + skipped + segments.length}`)
  if (/^#EXT-X-SERVER-CONTROL:.*CAN-SKIP-UNTIL=/m.test(playlist)) next.searchParams.set('_HLS_skip', 'YES')
  return next.href
}
