import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'
import type { Ahead } from '../network/ahead.ts'
import type { RoundTrip } from '../network/round-trip.ts'
import type { Adaptation } from '../renditions/adaptation.ts'
import { hintedUrl } from '../renditions/segment-boundary.ts'

/** Minimum typical round trip with which media is requested ahead, ms. */
const minRoundTripMs = 15
/**
 * Maximum number of parts or segments that are requested after one playlist update, without the announced
 * part.
 */
const maxParallel = 4

export interface LoadAheadOptions {
  ahead: Ahead
  adaptation: Adaptation
  roundTrip: Pick<RoundTrip, 'typical'>
}

/**
 * Requests media before hls.js does, which saves a round trip each time. The new parts of a playlist, or the
 * new segments where no parts are loaded, are requested at the same time; hls.js would request them one after
 * another. The announced part is requested too: the server sends it as soon as it exists.
 */
export function loadAhead(hls: Hls, { ahead, adaptation, roundTrip }: LoadAheadOptions): void {
  const newest = { main: '', audio: '' }

  function onPlaylist(details: LevelDetails, track: 'main' | 'audio') {
    if (roundTrip.typical < minRoundTripMs) return
    const usesParts = hls.config.lowLatencyMode && details.partList !== null
    const pieces = (usesParts ? (details.partList ?? []) : details.fragments).map(({ url }) => url)
    const at = pieces.indexOf(newest[track])
    const added = at < 0 ? [] : pieces.slice(at + 1).slice(-maxParallel)
    newest[track] = pieces.at(-1) ?? ''
    for (const url of added) ahead.request(url)
    if (!usesParts) return
    const hint = hintedUrl(details)
    if (hint === undefined) return
    const [, msn, part] = /(\d+)\.(\d+)\.m4s$/.exec(hint) ?? []
    const isLeft = track === 'main' && part === '0' && adaptation.isLeavingAt(Number(msn))
    if (!isLeft) ahead.request(hint, true)
  }

  hls.on(Events.LEVEL_UPDATED, (_, { details }) => onPlaylist(details, 'main'))
  hls.on(Events.AUDIO_TRACK_UPDATED, (_, { details }) => onPlaylist(details, 'audio'))
}
