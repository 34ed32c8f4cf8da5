import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'
import type { Ahead } from '../network/ahead.ts'
import type { RoundTrip } from '../network/round-trip.ts'
import type { Adaptation } from '../renditions/adaptation.ts'
import { hintedUrl } from '../renditions/segment-boundary.ts'

/** Round trip from which it is worth while to request parts ahead, ms. */
const minRoundTripMs = 15
/** Maximum number of parts that are requested at the same time for one track. */
const maxParallel = 4

export interface LoadAheadOptions {
  ahead: Ahead
  adaptation: Adaptation
  roundTrip: Pick<RoundTrip, 'typical'>
}

/**
 * Requests parts before hls.js does: all that a playlist adds at the same time, because hls.js requests one
 * after another, and the part that it announces, which the server then sends as soon as it exists. Each saves
 * a round trip.
 */
export function loadAhead(hls: Hls, { ahead, adaptation, roundTrip }: LoadAheadOptions): void {
  const newest = { main: '', audio: '' }

  function onPlaylist(details: LevelDetails, track: 'main' | 'audio') {
    if (!hls.config.lowLatencyMode || !details.partList || roundTrip.typical < minRoundTripMs) return
    const parts = details.partList.map(({ url }) => url)
    const at = parts.indexOf(newest[track])
    const added = at < 0 ? [] : parts.slice(at + 1).slice(-maxParallel)
    newest[track] = parts.at(-1) ?? ''
    for (const url of added) ahead.request(url)
    const hint = hintedUrl(details)
    if (hint === undefined) return
    const [, msn, part] = /(\d+)\.(\d+)\.m4s$/.exec(hint) ?? []
    const isLeft = track === 'main' && part === '0' && adaptation.isLeavingAt(Number(msn))
    if (!isLeft) ahead.request(hint, true)
  }

  hls.on(Events.LEVEL_UPDATED, (_, { details }) => onPlaylist(details, 'main'))
  hls.on(Events.AUDIO_TRACK_UPDATED, (_, { details }) => onPlaylist(details, 'audio'))
}
