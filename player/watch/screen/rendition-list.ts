import type { VideoRendition } from '../playback/playback.ts'

/**
 * The renditions on offer, in the form that the quality menu of media-chrome expects of `videoRenditions`: an
 * iterable with events for its changes and with the index of the viewer's choice (-1: automatic).
 */
export class RenditionList extends EventTarget implements Iterable<VideoRendition> {
  #offered: VideoRendition[] = []
  #selectedIndex = -1;

  [index: number]: VideoRendition

  get length() {
    return this.#offered.length
  }

  get selectedIndex() {
    return this.#selectedIndex
  }

  set selectedIndex(index: number) {
    if (index === this.#selectedIndex) return
    this.#selectedIndex = index
    this.dispatchEvent(new Event('change'))
  }

  /** The viewer's choice; undefined for automatic. */
  get selected(): VideoRendition | undefined {
    return this.#offered[this.#selectedIndex]
  }

  [Symbol.iterator]() {
    return this.#offered.values()
  }

  /**
   * Replaces the offered renditions. Keeps the viewer's choice if one of the new renditions has a picture of
   * the same size; otherwise, the choice becomes automatic.
   */
  offer(renditions: readonly VideoRendition[]) {
    const chosen = this.selected
    for (let index = 0; index < this.#offered.length; index++) delete this[index]
    this.#offered = [...renditions]
    Object.assign(this, this.#offered)
    this.dispatchEvent(new Event('removerendition'))
    this.dispatchEvent(new Event('addrendition'))
    const hasSameSize = ({ width, height }: VideoRendition) =>
      width === chosen?.width && height === chosen.height
    this.#selectedIndex = this.#offered.findIndex(hasSameSize)
    this.dispatchEvent(new Event('change'))
  }
}

/**
 * Adds to a plain video element what media-chrome reads: that the stream is live, whether it plays at the
 * live edge, and the renditions. Must be called before the elements of media-chrome are defined.
 */
export function describeLive(
  video: HTMLVideoElement,
  renditions: RenditionList,
  isBehind: () => boolean,
): void {
  Object.defineProperties(video, {
    streamType: { value: 'live' },
    // media-chrome compares the playhead with this position. Every position counts as live unless the viewer
    // is behind.
    liveEdgeStart: { get: () => (isBehind() ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY) },
    videoRenditions: { value: renditions },
  })
}
