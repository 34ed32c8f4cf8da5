import { parseAvcConfig } from '../../core/media/codec/avc.ts'
import {
  type AudioTrack,
  type DescribedTrack,
  describeAac,
  describeVideo,
  type PassedCodec,
  type Sample,
  videoTimescale,
} from '../packager/packager.ts'
import type { MediaUnit, VideoUnit } from '../source/media-unit.ts'
import type { SourceAudio, SourceVideo } from '../source/source-tracks.ts'

const videoTicks = (ms: number) => Math.round((ms * videoTimescale) / 1000)

/** Describes passed video to the packager. Plans pass video through only in a codec of `PassedCodec`. */
export const passedVideoTrack = ({ codec, format, record }: SourceVideo): DescribedTrack =>
  describeVideo(codec as PassedCodec, format, record)

/** Describes video that ffmpeg encodes, which is H.264. `record`: AVCDecoderConfigurationRecord. */
export const encodedVideoTrack = (record: Buffer): DescribedTrack =>
  describeVideo('h264', parseAvcConfig(record), record)

export const passedAudioTrack = ({ record }: SourceAudio) => describeAac(record)

/** Converts a frame of AAC to a sample of a track. */
export const audioSampleOf = (unit: MediaUnit, { timescale, frameTicks }: AudioTrack): Sample => ({
  dts: Math.round((unit.ms * timescale) / 1000),
  duration: frameTicks,
  compositionOffset: 0,
  isSync: true,
  data: unit.body,
})

/** Converts a frame of video to a sample. Its duration is an estimate: only the next frame shows it. */
export const videoSampleOf = (unit: VideoUnit, fps: number): Sample => ({
  dts: videoTicks(unit.ms),
  duration: videoTicks(1000 / fps),
  compositionOffset: videoTicks(unit.compositionMs),
  isSync: unit.packet === 'keyframe',
  data: unit.body,
})
