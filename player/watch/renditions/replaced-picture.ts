import type { FragBufferedData } from 'hls.js'

/** Minimum media after the playhead with which the new picture is shown, seconds. */
const minAheadSeconds = 0.2

/**
 * Shows the picture again after a change within the segment that is playing. Its media is then replaced at
 * the playhead, and Chromium would show no frame of it before the next keyframe, up to a segment later. A
 * seek to the same position decodes the new media from its keyframe.
 */
export function createReplacedPicture() {
  let replaced: number | undefined

  return {
    /** Must be called when segment `msn` will be loaded again in another rendition. */
    expect(msn: number): void {
      replaced = msn
    },

    /** Must be called when hls.js has appended media. */
    noteBuffered(
      video: Pick<HTMLVideoElement, 'currentTime'> | null,
      { frag, part }: Pick<FragBufferedData, 'frag' | 'part'>,
    ): void {
      if (video === null || replaced === undefined || frag.type !== 'main') return
      const [msn, position] = [Number(frag.sn), video.currentTime]
      if (msn > replaced) replaced = undefined
      const end = part?.end ?? frag.end
      if (msn !== replaced || frag.start > position || end < position + minAheadSeconds) return
      replaced = undefined
      video.currentTime = position
    },
  }
}
