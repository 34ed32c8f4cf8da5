import { cmcdIn, createCmcdReader } from '../experience/cmcd.ts'
import type { ExperienceNotes } from '../experience/experience-notes.ts'
import type { PlayerReport } from '../experience/player-report.ts'
import type { Exchange } from '../http/exchange.ts'
import type { MediaObject } from '../objects/media-object.ts'
import type { Audience } from './audience.ts'
import { viewerIdOf } from './viewer-id.ts'
import type { Viewers } from './viewers.ts'

export interface ObserverParts {
  viewers: Pick<Viewers, 'saw'>
  audience: Pick<Audience, 'saw'>
  experience: Pick<ExperienceNotes, 'note'>
}

/** Of requests for media, which tell much and often, one in so many is read; all that tell of a buffer that ran dry (`bs`). */
const oneIn = 4

export type Observer = ReturnType<typeof createObserver>

type Served = Pick<Exchange, 'target' | 'headers' | 'client' | 'token'>

/** Learns of each answer who watches, and from what players tell with the question (CMCD) how they fare. */
export function createObserver({ viewers, audience, experience }: ObserverParts) {
  const cmcd = createCmcdReader()

  function reportOf({ target, headers }: Served): PlayerReport | undefined {
    const at = cmcdIn(target)
    return at >= 0 ? cmcd.ofTarget(target, at) : cmcd.ofHeaders(headers)
  }

  let turn = 0

  /** Whether what a request for media tells is read. */
  function isRead(target: string): boolean {
    turn = (turn + 1) % oneIn
    if (turn === 1) return true
    const at = cmcdIn(target)
    return at < 0 || target.includes('bs', at)
  }

  function sawViewer(exchange: Served, slug: string, told: number | undefined, now: number) {
    const byConnection = viewerIdOf(exchange)
    // A player may ask for the multivariant playlist again without a word of who it is.
    audience.saw(byConnection, now)
    const viewer = viewerIdOf(exchange, told)
    if (viewer !== byConnection) audience.saw(viewer, now)
    viewers.saw(slug, viewer, { address: exchange.client.address, byConnection }, now)
  }

  return {
    /** Who asks. */
    viewerOf: (exchange: Served): number => viewerIdOf(exchange, reportOf(exchange)?.viewer),

    /** To be called when a viewer was given an object; `now` in ms of the edge's clock. */
    served(exchange: Served, { slug, rendition, class: kind }: MediaObject, now: number): void {
      // Another edge asks for its viewers, and counts them itself; no player authorises itself so.
      if (rendition === null || exchange.headers.authorization !== undefined) return
      const isPlaylist = kind === 'playlist' || kind === 'held_playlist'
      if (!isPlaylist && !isRead(exchange.target)) return
      const report = reportOf(exchange)
      if (isPlaylist) sawViewer(exchange, slug, report?.viewer, now)
      if (report !== undefined) experience.note(slug, rendition, report, now)
    },
  }
}
