import { createBoxReader } from './box-reader.ts'
import { parseFragment } from './fragment.ts'
import { initSegment } from './init-segment.ts'
import { MediaError } from './media-error.ts'
import { parseMovie, type Track } from './movie.ts'
import type { Sample } from './sample.ts'

/** Receives the contents of a track, in order. */
export interface TrackListener {
  /** Called once, before any sample. */
  onTrack(track: Track, init: Buffer): void
  /** `arrivedAt`: when the last byte of the sample arrived, `performance.now()`. */
  onSample(sample: Sample, arrivedAt: number): void
}

/** Reads the bytes of one ffmpeg pipe: fragmented MP4 with one track. */
export function createTrackReader(listener: TrackListener) {
  let track: Track | undefined
  let moof: Buffer | undefined
  let arrivedAt = 0

  const boxes = createBoxReader((type, body) => {
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
      for (const sample of samples) listener.onSample(sample, arrivedAt)
    }
  })

  return {
    /**
     * Reads the next bytes, which arrived at `now` (`performance.now()`).
     * @throws MediaError when they cannot be understood.
     */
    push(chunk: Buffer, now: number): void {
      arrivedAt = now
      boxes.push(chunk)
    },
  }
}
