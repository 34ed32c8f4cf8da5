import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'

/**
 * Keeps hls.js from waiting for parts that it has skipped. hls.js may begin in the middle of a segment: with
 * audio, which needs no keyframe, or where the buffer already has the earlier parts. Once that segment is
 * complete, hls.js would wait for the earlier parts and request no other media.
 */
export function skipPartsBeforeStart(hls: Hls): void {
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => markSkipped(details, 'video'))
  hls.on(Events.AUDIO_TRACK_UPDATED, (_, { details }) => markSkipped(details, 'audio'))
}

/** Marks as loaded each part that comes before a loaded part of the same segment. */
export function markSkipped({ partList }: Pick<LevelDetails, 'partList'>, kind: 'video' | 'audio'): void {
  let loadedSn: number | 'initSegment' | undefined
  for (const part of partList?.toReversed() ?? []) {
    const { sn } = part.fragment
    if (part.loaded) loadedSn = sn
    else if (sn === loadedSn) {
      const { start, end } = part
      part.elementaryStreams[kind] = { startPTS: start, endPTS: end, startDTS: start, endDTS: end }
    }
  }
}
