import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'
import type { Ahead } from '../network/ahead.ts'
import type { LinkWatch } from '../network/link-watch.ts'
import type { Adaptation } from '../renditions/adaptation.ts'
import { hintedUrl } from '../renditions/segment-boundary.ts'
import { createLookahead } from './lookahead.ts'

/** Minimum typical round trip with which media is requested ahead, ms. */
const minRoundTripMs = 15
/** Bitrate that is assumed for audio, bits/s. Playlists do not state it. */
const audioBits = 128_000

export interface LoadAheadOptions {
  ahead: Ahead
  adaptation: Adaptation
  link: Pick<LinkWatch, 'roundTrip' | 'throughput'>
}

/**
 * Requests media before hls.js does, which saves a round trip each time: the parts after the one that hls.js
 * loads, or the segments where no parts are loaded. The announced part is requested too: the server sends it
 * as soon as it exists. When hls.js changes the rendition, requests for the former one are aborted.
 */
export function loadAhead(hls: Hls, { ahead, adaptation, link }: LoadAheadOptions): void {
  const lookaheads = { main: createLookahead(ahead), audio: createLookahead(ahead) }

  function onPlaylist(details: LevelDetails, track: 'main' | 'audio', bits: number) {
    const { roundTrip, throughput } = link
    if (roundTrip.typical < minRoundTripMs) return
    const usesParts = hls.config.lowLatencyMode && details.partList !== null
    lookaheads[track].update({
      pieces: (usesParts ? (details.partList ?? []) : details.fragments).map(({ url }) => url),
      hint: usesParts ? hintToRequest(details, track) : undefined,
      pieceBits: bits * (usesParts ? details.partTarget : details.targetduration),
      // Segments are loaded with long round trips, where transfers are too short to show the bandwidth.
      inFlightBits: usesParts ? (throughput.estimate.safe * roundTrip.typical) / 1000 : Infinity,
    })
  }

  function hintToRequest(details: LevelDetails, track: 'main' | 'audio'): string | undefined {
    const hint = hintedUrl(details)
    const [, msn, part] = /(\d+)\.(\d+)\.m4s$/.exec(hint ?? '') ?? []
    const isLeft = track === 'main' && part === '0' && adaptation.isLeavingAt(Number(msn))
    return isLeft ? undefined : hint
  }

  hls.on(Events.LEVEL_UPDATED, (_, { details, level }) => {
    const { averageBitrate = 0, maxBitrate = 0 } = hls.levels[level] ?? {}
    onPlaylist(details, 'main', averageBitrate || maxBitrate)
  })
  hls.on(Events.AUDIO_TRACK_UPDATED, (_, { details }) => onPlaylist(details, 'audio', audioBits))
  hls.on(Events.FRAG_LOADING, (_, { frag, part }) => {
    if (frag.type === 'main' || frag.type === 'audio') lookaheads[frag.type].loading(part?.url ?? frag.url)
  })
  hls.on(Events.FRAG_LOADED, (_, { frag, part }) => {
    if (frag.type === 'main' || frag.type === 'audio') lookaheads[frag.type].loaded(part?.url ?? frag.url)
  })
  hls.on(Events.LEVEL_SWITCHING, () => lookaheads.main.clear())
}
