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

/** For unit tests: a presentation of `720p`, `360p` and `audio` with parts of 400 ms and segments of 2 s. */
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

/** The video renditions of `testOptions`. */
export const videoNames = ['720p', '360p']

/** Begins an epoch with 25 fps, with all renditions and their tracks. 720p makes the cuts. */
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

/** Lets renditions change from one epoch to another. */
export function handOver(from: EpochSink, to: EpochSink, names = [...videoNames, 'audio']): void {
  for (const name of names) {
    from.end(name)
    to.join(name)
    to.setTrack(name, name === 'audio' ? stereoTrack : testVideoTrack)
  }
}

/** Renders the media playlist of a rendition, or a delta update of it. */
export function playlistOf(presentation: Presentation, rendition: string, isDelta = false): string {
  const stream = presentation.streams.get(rendition)
  if (!stream) throw new Error(`no ${rendition}`)
  return mediaPlaylist(presentation, stream, isDelta)
}

/** Returns the lines of a playlist that start with a text. */
export const linesOf = (playlist: string, start: string) =>
  playlist.split('\n').filter((line) => line.startsWith(start))
