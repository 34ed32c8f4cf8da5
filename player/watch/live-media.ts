import type { RenditionList } from './rendition-list.ts'

/**
 * Tells media-chrome what a plain video element does not: that this is live, whether it plays live, and the qualities.
 * It reads these when its elements are defined: call this before.
 */
export function describeLive(
  video: HTMLVideoElement,
  renditions: RenditionList,
  isBehind: () => boolean,
): void {
  Object.defineProperties(video, {
    streamType: { value: 'live' },
    // Wherever the playhead is: it is live until the viewer goes back.
    liveEdgeStart: { get: () => (isBehind() ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY) },
    videoRenditions: { value: renditions },
  })
}
