import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'

/**
 * Keeps hls.js from waiting for parts that it has skipped. hls.js may begin within a segment: with sound, or
 * where the buffer already has the parts before. When the segment is complete, it would wait for these parts
 * and request no others.
 */
export function skipPartsBeforeStart(hls: Hls): void {
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => markSkipped(details, 'video'))
  hls.on(Events.AUDIO_TRACK_UPDATED, (_, { details }) => markSkipped(details, 'audio'))
}

/** Marks each part that is not loaded and comes before a loaded part of the same segment. */
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
