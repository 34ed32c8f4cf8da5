/**
 * The packager: fragmented MP4 from ffmpeg in, LL-HLS (RFC 8216bis) out, over HTTP. It knows nothing of
 * Redis, ffmpeg or sessions. This file is its interface.
 *
 *   mp4/           reads fragments, writes CMAF chunks
 *   window/        what can be fetched of a rendition, and the requests that wait for more
 *   packing/       frames to parts and segments, the same boundaries in all renditions
 *   presentation/  the renditions of a session, through all its epochs
 *   playlist/      renders playlists
 *   origin/        responds to requests
 */
export { createOrigin } from './origin/origin.ts'
export type { EpochOptions, EpochSink } from './packing/epoch-packager.ts'
export { segmentPlanFor } from './packing/segment-plan.ts'
export {
  createPresentation,
  type Presentation,
  type PresentationOptions,
} from './presentation/presentation.ts'
export type { RenditionPlan } from './window/rendition-stream.ts'
