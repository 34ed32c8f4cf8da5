import type { VideoRendition } from './playback.ts'

/**
 * The qualities on offer in the form of `videoRenditions` that media-chrome's quality menu reads from a media element:
 * an iterable that tells of its changes and holds the index of what the viewer chose (-1: automatic).
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

  /** What the viewer chose; undefined for automatic. */
  get selected(): VideoRendition | undefined {
    return this.#offered[this.#selectedIndex]
  }

  [Symbol.iterator]() {
    return this.#offered.values()
  }

  /** Replaces the offer; a choice stays when the new offer has the same size of picture. */
  offer(renditions: readonly VideoRendition[]) {
    const chosen = this.selected
    for (let index = 0; index < this.#offered.length; index++) delete this[index]
    this.#offered = [...renditions]
    Object.assign(this, this.#offered)
    this.dispatchEvent(new Event('removerendition'))
    this.dispatchEvent(new Event('addrendition'))
    const sameSize = ({ width, height }: VideoRendition) =>
      width === chosen?.width && height === chosen.height
    this.#selectedIndex = this.#offered.findIndex(sameSize)
    this.dispatchEvent(new Event('change'))
  }
}
