import { makeBox, makeFullBox, uint32 } from '../../../transcoder/packager/mp4/box.ts'
import { makeChunk } from '../../../transcoder/packager/mp4/chunk.ts'
import type { VideoTrack } from '../../../transcoder/packager/mp4/movie.ts'
import { silentMovie, silentPayload, silentTrack } from '../../../transcoder/packager/mp4/silent-track.ts'
import type { EpochSink } from '../../../transcoder/packager/packager.ts'

/** For unit tests: bytes as in ffmpeg's pipes, one fragment per frame. The video frames cannot be decoded. */

const testVideo: VideoTrack = {
  kind: 'video',
  trackId: 1,
  timescale: 90_000,
  defaults: { duration: 0, size: 0, flags: 0 },
  codecs: 'avc1.64001f',
  width: 1280,
  height: 720,
}

/** Returns the `moov` box of a video of 1280x720, High profile, level 3.1. */
export function videoHeader(): Buffer {
  const avcC = makeBox('avcC', Buffer.from([1, 0x64, 0, 0x1f, 0xff, 0xe0, 0]))
  const stsd = makeFullBox('stsd', 0, 0, uint32(1), makeBox('avc1', Buffer.alloc(78), avcC))
  const minf = makeBox('minf', makeBox('stbl', stsd))
  const mdhd = makeFullBox('mdhd', 0, 0, uint32(0, 0, testVideo.timescale, 0, 0))
  const tkhd = makeFullBox(
    'tkhd',
    0,
    3,
    uint32(0, 0, 1),
    Buffer.alloc(56),
    uint32(1280 * 65_536, 720 * 65_536),
  )
  const mvex = makeBox('mvex', makeFullBox('trex', 0, 0, uint32(1, 1, 0, 0, 0)))
  return makeBox('moov', makeBox('trak', tkhd, makeBox('mdia', mdhd, minf)), mvex)
}

export const audioHeader = () => makeBox('moov', silentMovie())

export interface TestFrame {
  startMs: number
  durationMs: number
  isSync?: boolean
  /** Presentation time minus decode time, ms. */
  compositionMs?: number
  bytes?: number
}

export function videoFrame({
  startMs,
  durationMs,
  isSync = false,
  compositionMs = 0,
  bytes = 100,
}: TestFrame): Buffer {
  return makeChunk(testVideo, 1, [
    {
      dts: startMs * 90,
      duration: durationMs * 90,
      compositionOffset: compositionMs * 90,
      isSync,
      data: Buffer.alloc(bytes, 1),
    },
  ])
}

/** Returns the AAC frame (48 kHz) number `index`, counted from time 0. */
function audioFrame(index: number): Buffer {
  const sample = {
    dts: index * 1024,
    duration: 1024,
    compositionOffset: 0,
    isSync: true,
    data: silentPayload,
  }
  return makeChunk(silentTrack, index + 1, [sample])
}

/**
 * Writes video frames of 40 ms (25 per second) with a keyframe every `gopMs`, from `fromMs` to `toMs`, into
 * some renditions.
 */
export function writeVideo(
  sink: EpochSink,
  names: readonly string[],
  { fromMs, toMs, gopMs = 2000 }: { fromMs: number; toMs: number; gopMs?: number },
): void {
  for (let startMs = fromMs; startMs < toMs; startMs += 40)
    for (const name of names)
      sink.write(name, videoFrame({ startMs, durationMs: 40, isSync: startMs % gopMs === 0 }))
}

/** Writes every AAC frame that starts before `toMs` and not before `fromMs`. */
export function writeAudio(sink: EpochSink, fromMs: number, toMs: number): void {
  for (let index = Math.ceil((fromMs * 48) / 1024); (index * 1024) / 48 < toMs; index++)
    sink.write('audio', audioFrame(index))
}
