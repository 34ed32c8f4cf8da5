import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'
import type { Ahead } from '../network/ahead.ts'
import type { RoundTrip } from '../network/round-trip.ts'
import type { Adaptation } from '../renditions/adaptation.ts'
import { hintedUrl } from '../renditions/segment-boundary.ts'

/** Minimum round trip with which parts are requested ahead, ms. */
const minRoundTripMs = 15
/** Maximum number of parts of one playlist that are requested at once, besides the announced one. */
const maxParallel = 4

export interface LoadAheadOptions {
  ahead: Ahead
  adaptation: Adaptation
  roundTrip: Pick<RoundTrip, 'typical'>
}

/**
 * Requests parts before hls.js does, which saves a round trip for each. The parts that a playlist adds are
 * requested at the same time; hls.js would request one after another. The announced part is requested too:
 * the server sends it as soon as it exists.
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
