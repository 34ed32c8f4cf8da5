import { createCmcdReader, findCmcd } from '../experience/cmcd.ts'
import type { ExperienceNotes } from '../experience/experience-notes.ts'
import { fingerprint } from '../experience/fingerprint.ts'
import type { PlayerReport } from '../experience/player-report.ts'
import type { Exchange } from '../http/exchange.ts'
import type { MediaObject } from '../objects/media-object.ts'
import { isMediaPlaylist } from '../objects/playback-request.ts'
import type { Audience } from './audience.ts'
import type { Viewers } from './viewers.ts'

export interface ObserverOptions {
  viewers: Pick<Viewers, 'recordView'>
  audience: Pick<Audience, 'recordView'>
  experience: Pick<ExperienceNotes, 'add'>
}

/**
 * Number of media requests for each report that is read, because players send many. Reports of a stall
 * (`bs`), and those in header fields, are all read.
 */
const readOneIn = 4

export type Observer = ReturnType<typeof createObserver>

type ServedRequest = Pick<Exchange, 'target' | 'headers' | 'client' | 'token'>

/**
 * Creates the observer of viewers. It records who is watching, from requests for media playlists, and the
 * reports (CMCD) in requests for media playlists and media.
 */
export function createObserver({ viewers, audience, experience }: ObserverOptions) {
  const cmcd = createCmcdReader()
  let turn = 0

  function reportOf({ target, headers }: ServedRequest): PlayerReport | undefined {
    const at = findCmcd(target)
    return at >= 0 ? cmcd.ofTarget(target, at) : cmcd.ofHeaders(headers)
  }

  /**
   * Whether to read the report of a media request. Without CMCD in the target, the report may be in header
   * fields, so the result is true.
   */
  function isRead(target: string): boolean {
    turn = (turn + 1) % readOneIn
    if (turn === 1) return true
    const at = findCmcd(target)
    return at < 0 || target.includes('bs', at)
  }

  function recordView(request: ServedRequest, slug: string, reported: number | undefined, now: number) {
    const connectionId = viewerIdOf(request)
    // A player may request the multivariant playlist again without its session id. It must not count as a
    // newcomer then, so both ids are recorded.
    audience.recordView(connectionId, now)
    const viewer = viewerIdOf(request, reported)
    if (viewer !== connectionId) audience.recordView(viewer, now)
    viewers.recordView(slug, viewer, { network: request.client.network, connectionId }, now)
  }

  return {
    /** Returns the id of the viewer who sent a request. */
    viewerOf: (request: ServedRequest): number => viewerIdOf(request, reportOf(request)?.viewer),

    /** Records that a viewer was sent an object. `now` is in ms of the edge's clock. */
    recordServed(request: ServedRequest, { slug, rendition, class: kind }: MediaObject, now: number): void {
      // Edges authenticate with this field. They count their viewers themselves.
      if (rendition === null || request.headers.authorization !== undefined) return
      const isPlaylist = isMediaPlaylist(kind)
      if (!isPlaylist && !isRead(request.target)) return
      const report = reportOf(request)
      if (isPlaylist) recordView(request, slug, report?.viewer, now)
      if (report !== undefined) experience.add(slug, rendition, report, now)
    },
  }
}

/**
 * Returns the id of a viewer: `reported`, the hash of the player's session id (CMCD), unless it is NaN.
 * Otherwise the id is a hash of network, user agent and playback token, which several viewers may share.
 * Nothing is stored on the viewer's device.
 */
export function viewerIdOf(
  { headers, client, token }: Pick<Exchange, 'headers' | 'client' | 'token'>,
  reported = Number.NaN,
): number {
  if (!Number.isNaN(reported)) return reported
  const known = client.viewer
  // On the hot path, requests with the same fields share one `headers` object.
  if (known?.headers === headers && known.token === token) return known.id
  const userAgent = headers['user-agent'] ?? ''
  // With node:http and HTTP/2, each request has a new `headers` object, but the user agent rarely changes.
  const id =
    known?.userAgent === userAgent && known.token === token
      ? known.id
      : fingerprint(`${client.network} ${token} ${userAgent.slice(0, 512)}`)
  client.viewer = { headers, userAgent, token, id }
  return id
}
