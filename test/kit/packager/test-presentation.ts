import { createLog } from '../../../core/process/log.ts'
import type {
  EpochOptions,
  EpochSink,
  Presentation,
  PresentationOptions,
} from '../../../transcoder/packager/packager.ts'
import { stereoTrack } from '../../../transcoder/packager/packager.ts'
import { mediaPlaylist } from '../../../transcoder/packager/playlist/media-playlist.ts'
import { testVideoTrack } from './media.ts'

/** Options of a presentation for unit tests: `720p`, `360p` and `audio`, parts of 400 ms, segments of 2 s. */
export const testOptions = (more: Partial<PresentationOptions> = {}): PresentationOptions => ({
  sessionId: 's_AAAAAAAAAAAAAAAAAAAAAA',
  slug: 'demo',
  partMs: 400,
  segmentMs: 2000,
  windowSegments: 12,
  renditions: [
    { name: '720p', kind: 'video', passthrough: true },
    { name: '360p', kind: 'video', passthrough: false },
    { name: 'audio', kind: 'audio', passthrough: true },
  ],
  log: createLog('test', 'silent'),
  ...more,
})

/** Names of the video renditions in `testOptions`. */
export const videoNames = ['720p', '360p']

/** Begins an epoch that all renditions join. By default it has 25 frames/s, and the cuts come from 720p. */
export function begin(presentation: Presentation, options: Partial<EpochOptions> = {}): EpochSink {
  const leader = { rendition: '720p' }
  const sink = presentation.beginEpoch({ epoch: 1, leader, frameMs: 40, ...options })
  for (const name of videoNames) {
    sink.join(name)
    sink.setTrack(name, testVideoTrack)
  }
  sink.join('audio')
  if (!options.silent?.includes('audio')) sink.setTrack('audio', stereoTrack)
  return sink
}

/** Ends renditions in one epoch and lets them join another. */
export function handOver(from: EpochSink, to: EpochSink, names = [...videoNames, 'audio']): void {
  for (const name of names) {
    from.end(name)
    to.join(name)
    to.setTrack(name, name === 'audio' ? stereoTrack : testVideoTrack)
  }
}

/**
 * Renders the media playlist of a rendition, or with `isDelta` a delta update.
 * @throws Error when there is no such rendition
 */
export function playlistOf(presentation: Presentation, rendition: string, isDelta = false): string {
  const stream = presentation.streams.get(rendition)
  if (!stream) throw new Error(`no ${rendition}`)
  return mediaPlaylist(presentation, stream, isDelta)
}

/** Returns the lines of a playlist that begin with `start`. */
export const linesOf = (playlist: string, start: string) =>
  playlist.split('\n').filter((line) => line.startsWith(start))
