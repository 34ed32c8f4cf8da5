import type Hls from 'hls.js'
import { ErrorDetails, Events } from 'hls.js'
import { edgeOf } from './playback-address.ts'

/** Errors of requests to an edge. Requests for steering, which the manager serves, are not among them. */
const edgeErrors = new Set<string>([
  ErrorDetails.LEVEL_LOAD_ERROR,
  ErrorDetails.AUDIO_TRACK_LOAD_ERROR,
  ErrorDetails.FRAG_LOAD_ERROR,
])

/**
 * Moves to the next edge, a pathway of content steering (RFC 8216bis, section 4.4.6.6), as soon as an edge
 * does not respond at all. hls.js alone would first try each rendition at the dead edge, which takes longer
 * than the buffer lasts.
 */
export function failOver(hls: Hls): void {
  hls.on(Events.ERROR, (_, { fatal, details, response }) => {
    // Status 0 means that no HTTP response came.
    const isUnreachable = response?.code === 0 && edgeErrors.has(details)
    if (isUnreachable && !fatal && navigator.onLine) leaveEdge(hls, response.url)
  })
}

/** Whether there is another edge than the present one. */
export const hasOtherEdge = ({ pathwayPriority }: Hls): boolean => (pathwayPriority?.length ?? 0) > 1

/**
 * Makes an edge the last choice after a request to `url` has failed there, or got no response. Returns
 * whether the player leaves it: not when it has already left, or when there is no other one.
 */
export function leaveEdge(hls: Hls, url: string): boolean {
  const { levels, nextLoadLevel, pathwayPriority } = hls
  const current = levels[nextLoadLevel]
  if (current === undefined || edgeOf(current.uri) !== edgeOf(url)) return false
  const others = pathwayPriority?.filter((pathway) => pathway !== current.pathwayId) ?? []
  if (others.length === 0) return false
  hls.pathwayPriority = [...others, current.pathwayId]
  return true
}
