import type { ChannelView } from '../../core/api/channel.ts'
import { element } from '../shared/element.ts'

/** Time between two pictures of a channel, ms: as often as the transcoder makes one. */
const everyMs = 5000

export type Stills = ReturnType<typeof createStills>

/**
 * Creates the pictures of live channels. An image stays the same element while its channel is live, so that a
 * list which is drawn again does not flicker. Pictures of signed channels need a token and are not shown.
 */
export function createStills() {
  const images = new Map<string, HTMLImageElement>()

  function imageOf(slug: string): HTMLImageElement {
    const known = images.get(slug)
    if (known) return known
    // The title beside it says what it shows.
    const image = element('img', { attributes: { alt: '' } })
    image.hidden = true
    image.addEventListener('load', () => {
      image.hidden = false
    })
    image.addEventListener('error', () => {
      image.hidden = true
    })
    images.set(slug, image)
    return image
  }

  return {
    /** Returns the place for the picture of a channel, empty while there is none. `now`: ms since 1970. */
    of({ slug, live, playback }: ChannelView, now: number): HTMLElement {
      if (live === null || playback.mode === 'signed') {
        images.delete(slug)
        return element('span', { class: 'still' })
      }
      const image = imageOf(slug)
      // The edge ignores the query. It makes the browser ask again.
      const source = `${playback.picture}?${Math.floor(now / everyMs)}`
      if (image.getAttribute('src') !== source) image.src = source
      return element('span', { class: 'still' }, image)
    },
  }
}
