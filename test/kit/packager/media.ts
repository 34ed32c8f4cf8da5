import { parseAvcConfig } from '../../../core/media/codec/avc.ts'
import { stereoSilence } from '../../../transcoder/packager/mp4/silent-track.ts'
import {
  describeVideo,
  type EpochSink,
  type Sample,
  stereoTrack,
  videoTimescale,
} from '../../../transcoder/packager/packager.ts'

/** AVCDecoderConfigurationRecord for 1280x720, High profile, level 3.1. */
const avcRecord = Buffer.from(
  '0164001fffe1001a6764001facd9405005bb011000000300100000030320f183196001000468ef8fcbfdf8f800',
  'hex',
)

export const testVideoTrack = describeVideo('h264', parseAvcConfig(avcRecord), avcRecord)

export interface TestFrame {
  startMs: number
  durationMs: number
  isSync?: boolean
  /** Presentation time minus decode time, ms. */
  compositionMs?: number
  bytes?: number
}

const ticks = (ms: number) => (ms * videoTimescale) / 1000

/** Returns a video frame for unit tests, in ticks of 1/90000 s. It cannot be decoded. */
export const videoFrame = (frame: TestFrame): Sample => ({
  dts: ticks(frame.startMs),
  duration: ticks(frame.durationMs),
  compositionOffset: ticks(frame.compositionMs ?? 0),
  isSync: frame.isSync ?? false,
  data: Buffer.alloc(frame.bytes ?? 100, 1),
})

/** Returns silent frame number `index` of AAC at 48 kHz. Frame 0 begins at time 0. */
export const audioFrame = (index: number): Sample => ({
  dts: index * 1024,
  duration: stereoTrack.track.frameTicks,
  compositionOffset: 0,
  isSync: true,
  data: stereoSilence(),
})

/**
 * Adds video frames from `fromMs` to `toMs` to the named renditions, by default of 40 ms (25 frames/s).
 * Keyframes are at multiples of `gopMs`.
 */
export function writeVideo(
  sink: EpochSink,
  names: readonly string[],
  options: { fromMs: number; toMs: number; gopMs?: number; frameMs?: number; bytes?: number },
): void {
  const { fromMs, toMs, gopMs = 2000, frameMs = 40, bytes = 100 } = options
  for (let startMs = fromMs; startMs < toMs; startMs += frameMs)
    for (const name of names)
      sink.add(name, videoFrame({ startMs, durationMs: frameMs, isSync: startMs % gopMs === 0, bytes }))
}

/** Adds all AAC frames that start at or after `fromMs` and before `toMs` to the rendition `audio`. */
export function writeAudio(sink: EpochSink, fromMs: number, toMs: number): void {
  for (let index = Math.ceil((fromMs * 48) / 1024); (index * 1024) / 48 < toMs; index++)
    sink.add('audio', audioFrame(index))
}
