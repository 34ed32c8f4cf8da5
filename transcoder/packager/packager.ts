/**
 * Interface of the packager, which turns frames into LL-HLS (RFC 8216bis) and serves it over HTTP. It does
 * not use Redis or ffmpeg. The rest of the transcoder imports no other file of this folder.
 *
 * - mp4/: init segments and CMAF chunks
 * - window/: the media of one rendition that can be fetched, and the requests that wait for more
 * - packing/: packs frames into parts and segments, with the same boundaries in all renditions
 * - presentation/: the renditions of a session, through all its epochs
 * - playlist/: text of the playlists
 * - origin/: responses to requests
 */
export { describeAac, describeVideo, type PassedCodec, videoTimescale } from './mp4/movie-writer.ts'
export type { Sample } from './mp4/sample.ts'
export { stereoTrack } from './mp4/silent-track.ts'
export type { AudioTrack, DescribedTrack } from './mp4/track.ts'
export { createOrigin } from './origin/origin.ts'
export type { EpochOptions, EpochSink, ObservedFrame } from './packing/epoch-packager.ts'
export { segmentPlanFor } from './packing/segment-plan.ts'
export {
  createPresentation,
  type Presentation,
  type PresentationOptions,
} from './presentation/presentation.ts'
export { type AdoptedMedia, endOfAdopted } from './window/adopted-media.ts'
export type { RenditionPlan } from './window/rendition-options.ts'
export type { RenditionStream } from './window/rendition-stream.ts'
export {
  mediaOf,
  newSegment,
  type Segment,
  type StoredMedia,
  type StoredPart,
  sizeOf,
} from './window/segment.ts'
