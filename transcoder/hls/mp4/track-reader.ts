import { createBoxReader } from './box-reader.ts'
import { parseFragment } from './fragment.ts'
import { initSegment } from './init-segment.ts'
import { MediaError } from './media-error.ts'
import { parseMovie, type Track } from './movie.ts'
import type { Sample } from './sample.ts'

/** Receives what a track's bytes hold, in order. */
export interface TrackListener {
  /** Called once, before any sample. */
  onTrack(track: Track, init: Buffer): void
  onSample(sample: Sample): void
}

/** Reads the bytes of one ffmpeg pipe (fragmented MP4 with one track). */
export function createTrackReader(listener: TrackListener) {
  let track: Track | undefined
  let moof: Buffer | undefined

  return createBoxReader((type, body) => {
    if (type === 'moov') {
      if (track) throw new MediaError('a second movie header')
      track = parseMovie(body)
      listener.onTrack(track, initSegment(body))
    } else if (type === 'moof') {
      moof = body
    } else {
      if (!track || !moof) throw new MediaError('media data without its headers')
      const samples = parseFragment(track, moof, body)
      moof = undefined
      for (const sample of samples) listener.onSample(sample)
    }
  })
}
