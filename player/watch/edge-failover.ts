import type Hls from 'hls.js'
import { ErrorDetails, Events } from 'hls.js'

/**
 * Goes on at the next edge (a pathway of content steering, RFC 8216bis 4.4.6.6) as soon as one does not answer at all. hls.js goes there by
 * itself too, but tries each quality at the dead edge first, which takes longer than the buffer lasts.
 */
export function failOver(hls: Hls): void {
  hls.on(Events.ERROR, (_, { fatal, details, response }) => {
    // A status of 0 is no answer at all, good or bad.
    if (fatal || response?.code !== 0 || !ofMedia.has(details) || !navigator.onLine) return
    const { levels, pathwayPriority } = hls
    const current = levels[hls.nextLoadLevel]
    // An answer that is late concerns an edge that was left already.
    if (current === undefined || originOf(current.uri) !== originOf(response.url)) return
    const others = pathwayPriority?.filter((pathway) => pathway !== current.pathwayId) ?? []
    if (others.length > 0) hls.pathwayPriority = [...others, current.pathwayId]
  })
}

const ofMedia = new Set<string>([
  ErrorDetails.LEVEL_LOAD_ERROR,
  ErrorDetails.AUDIO_TRACK_LOAD_ERROR,
  ErrorDetails.FRAG_LOAD_ERROR,
])

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : undefined)
