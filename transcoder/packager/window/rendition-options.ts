import type { AdoptedMedia } from './adopted-media.ts'
import type { Segment } from './segment.ts'
import type { WindowOptions } from './segment-window.ts'

export interface RenditionPlan {
  /** Name in URLs, such as `1080p`, `1080p-hevc` or `audio`. */
  name: string
  kind: 'video' | 'audio'
  /** Whether it contains the publisher's own coded frames. */
  passthrough: boolean
}

export interface RenditionStreamOptions extends Omit<WindowOptions, 'onForgotten'> {
  plan: RenditionPlan
  startMsn: number
  /** Usual and maximum length of a segment, ms. */
  segmentMs: number
  maxSegmentMs: number
  /** What another transcoder published of this rendition, which comes before its own media. */
  adopted?: AdoptedMedia | undefined
  /** Whether playlists list parts. If not, segments still grow by parts, which are not listed. */
  hasParts: boolean
  /** Called after each publication, before waiting requests are released. */
  onPublish: () => void
  /** Called for each part with the time from the arrival of its last byte to its publication, in seconds. */
  onPartDelay: ((kind: RenditionPlan['kind'], seconds: number) => void) | undefined
  /** Called when a segment with media is complete. */
  onSegment: (plan: RenditionPlan, segment: Segment) => void
  /** Called when a segment can no longer be fetched, before its media is freed. */
  onForgotten: (plan: RenditionPlan, segment: Segment) => void
}
