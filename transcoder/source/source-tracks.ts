import type { AudioCodec } from '../../core/media/codec/audio-format.ts'
import { type AudioFormat, audioFormatOf } from '../../core/media/codec/audio-format.ts'
import { hasCaptions } from '../../core/media/codec/captions.ts'
import { parseVideoConfig, type VideoCodec, withKeyframe } from '../../core/media/codec/video-config.ts'
import {
  isBrowserFriendly,
  isSameFormat,
  plausibleFps,
  type VideoFormat,
} from '../../core/media/codec/video-format.ts'
import type { Source, VideoSource } from '../../core/media/source.ts'
import type { AudioUnit, MediaUnit, VideoUnit } from './media-unit.ts'

/** The video of a source, until its configuration changes. */
export interface SourceVideo {
  codec: VideoCodec
  /** Configuration record, and the FLV tag that contained it. */
  record: Buffer
  configTag: Buffer
  format: VideoFormat
}

/** The audio of a source, until its configuration changes. */
export interface SourceAudio {
  codec: AudioCodec
  /** Configuration record, and the FLV tag that contained it; empty and undefined without one, as for MP3. */
  record: Buffer
  configTag: Buffer | undefined
  format: AudioFormat
}

/** Maximum size of a kept GOP, bytes, and number of its frames. A longer one is dropped. */
const maxGopBytes = 64 * 1024 * 1024
const maxGopFrames = 20_000
/** Time without a video frame after which the picture can count as frozen, ms. */
const frozenMs = 1000
/** Average distance of frames above which their times determine the frame rate, ms. */
const slowFrameMs = 1000
/** Maximum number of kept frames of audio. A new encoder of audio reads them first. */
const maxAudioFrames = 8

/** State of a source after the units so far: its configurations, its times, its newest GOP. */
export class SourceTracks {
  video: SourceVideo | undefined
  audio: SourceAudio | undefined
  /** Newest decode time of each kind, ms; undefined before the first frame. */
  videoMs: number | undefined
  audioMs: number | undefined
  /** Time of arrival of the newest video frame, ms of `performance.now()`. */
  videoArrivedAt = 0
  #arrivedAt = 0
  /** Decode time of the newest keyframe, and its time from decoding to presentation; ms. */
  keyframeMs: number | undefined
  compositionMs = 0
  /** Length of the longest GOP since the newest configuration, ms. The GOP that has not ended counts too. */
  longestGopMs = 0
  /** Time between the two newest video frames, ms. */
  frameDistanceMs = 0
  /** Whether the coded video has carried captions so far. */
  hasCaptions = false
  /** Decode time of the first frame, ms, and number of frames, since the newest configuration. */
  #firstMs = 0
  #frames = 0
  #gop: VideoUnit[] = []
  #gopBytes = 0
  #newestAudio: AudioUnit[] = []
  #pendingVideo: Pick<SourceVideo, 'codec' | 'record' | 'configTag'> | undefined

  /** Newest decode time of video and audio together, ms; undefined before the first frame. */
  get newestMs(): number | undefined {
    const times = [this.videoMs, this.audioMs].filter((time) => time !== undefined)
    return times.length > 0 ? Math.max(...times) : undefined
  }

  /** Returns the time since the arrival of the newest frame of any track, ms. */
  quietMs(now: number): number {
    return now - this.#arrivedAt
  }

  /** Returns the time that a frame would have which arrived now, ms; only with video. */
  nowMs(now: number): number {
    return (this.videoMs ?? 0) + this.compositionMs + now - this.videoArrivedAt
  }

  /** Whether the video has another configuration than `known`, with which an epoch began. */
  hasOtherVideo(known: SourceVideo | undefined): boolean {
    return this.video !== undefined && !this.video.record.equals(known?.record ?? Buffer.alloc(0))
  }

  /** Whether there is audio with another configuration than `known`, with which an epoch began. */
  hasOtherAudio(known: SourceAudio | undefined): boolean {
    return this.audio !== undefined && !isSameAudio(this.audio, known)
  }

  /** Whether video has reached the presentation time `atMs`, with the delay of the newest keyframe. */
  hasReached(atMs: number, unit: MediaUnit): boolean {
    return unit.kind === 'video' && unit.ms + this.compositionMs >= atMs
  }

  /** The newest keyframe and the frames since; empty when they exceed a limit. */
  get gop(): readonly VideoUnit[] {
    return this.#gop
  }

  /** The newest frames of audio, at most `maxAudioFrames`. */
  get newestAudio(): readonly AudioUnit[] {
    return this.#newestAudio
  }

  /** Forgets the audio, because the next publish may have none. */
  forgetAudio(): void {
    this.audio = undefined
    this.audioMs = undefined
    this.#newestAudio = []
  }

  /**
   * Whether no frame of video has come for `frozenMs` until `now`, and audio continues or the video is
   * encoded as keyframes only.
   */
  isPictureFrozen(now: number, isIntraOnly: boolean): boolean {
    const { videoMs, audioMs, videoArrivedAt } = this
    if (videoMs === undefined || now - videoArrivedAt < frozenMs) return false
    return isIntraOnly || (audioMs !== undefined && audioMs > videoMs + frozenMs / 2)
  }

  /**
   * Returns the time up to which a frozen picture is repeated, ms: that of the newest audio. With
   * `isIntraOnly` there may be no audio, so the time since the arrival of the newest frame counts too.
   */
  frozenMediaMs(now: number, isIntraOnly: boolean): number {
    const { videoMs = 0, audioMs = 0, videoArrivedAt } = this
    return isIntraOnly ? Math.max(audioMs, videoMs + now - videoArrivedAt) : audioMs
  }

  observe(unit: MediaUnit, now: number): void {
    if (unit.packet !== 'config') this.#arrivedAt = now
    if (unit.kind === 'audio') this.#observeAudio(unit)
    else if (unit.packet === 'config')
      this.#pendingVideo = { codec: unit.codec, record: unit.body, configTag: unit.tag }
    else this.#observeFrame(unit, now)
  }

  #observeAudio(unit: AudioUnit) {
    if (unit.packet === 'config' || this.audio?.codec !== unit.codec) this.#describeAudio(unit)
    if (unit.packet === 'config') return
    this.audioMs = unit.ms
    this.#newestAudio.push(unit)
    if (this.#newestAudio.length > maxAudioFrames) this.#newestAudio.shift()
  }

  #describeAudio({ codec, packet, body, tag }: AudioUnit) {
    const format = audioFormatOf(codec, packet, body)
    if (format === undefined) return
    const config = packet === 'config' ? { record: body, configTag: tag } : undefined
    this.audio = { codec, record: Buffer.alloc(0), configTag: undefined, ...config, format }
    this.#newestAudio = []
  }

  #observeFrame(unit: VideoUnit, now: number) {
    if (unit.packet === 'keyframe') this.#beginGop(unit)
    else this.#gopBytes += unit.body.length
    this.hasCaptions ||= carriesCaptions(unit, this.video)
    if (this.videoMs !== undefined) this.frameDistanceMs = unit.ms - this.videoMs
    if (this.#frames++ === 0) this.#firstMs = unit.ms
    this.videoMs = unit.ms
    this.videoArrivedAt = now
    if (this.keyframeMs === undefined) return
    this.longestGopMs = Math.max(this.longestGopMs, unit.ms - this.keyframeMs)
    if (unit.packet === 'keyframe') {
      this.keyframeMs = unit.ms
      this.compositionMs = unit.compositionMs
    }
    const isBegun = unit.packet === 'keyframe' || this.#gop.length > 0
    if (isBegun && this.#gop.length < maxGopFrames && this.#gopBytes < maxGopBytes) this.#gop.push(unit)
    else this.#gop = []
  }

  #beginGop(unit: VideoUnit) {
    this.#gop = []
    this.#gopBytes = unit.body.length
    this.keyframeMs ??= unit.ms
    const pending = this.#pendingVideo
    if (pending === undefined) return
    this.#pendingVideo = undefined
    const format = withKeyframe(parseVideoConfig(pending.codec, pending.record), unit.body)
    this.video = { ...pending, format }
    this.longestGopMs = 0
    this.keyframeMs = unit.ms
    this.#frames = 0
  }

  /**
   * Measured frame rate, frames/s, if frames are more than `slowFrameMs` apart on average; otherwise
   * undefined.
   */
  get #slowFps(): number | undefined {
    const averageMs = ((this.videoMs ?? 0) - this.#firstMs) / (this.#frames - 1)
    return this.#frames > 1 && averageMs > slowFrameMs ? 1000 / averageMs : undefined
  }

  /**
   * Describes the source as it is now. `measured` is the newest description by ingest, which may be of an
   * earlier configuration.
   */
  source(measured: Source): Source {
    const described = this.video ? measuredVideo(this.video.format, measured.video) : null
    const fps = Math.min(described?.fps ?? 0, this.#slowFps ?? Number.POSITIVE_INFINITY)
    const video = described && { ...described, fps }
    const audio = this.audio ? { ...this.audio.format, bitrate: measured.audio?.bitrate ?? 0 } : null
    return { ...measured, video, audio }
  }
}

/** Offset of the byte in an AVCDecoderConfigurationRecord that contains the size of NAL unit lengths. */
const avcLengthByte = 4
/** Offset of the byte in an HEVCDecoderConfigurationRecord that contains the size of NAL unit lengths. */
const hevcLengthByte = 21

function carriesCaptions({ codec, body }: VideoUnit, video: SourceVideo | undefined): boolean {
  if (video?.codec !== codec || (codec !== 'h264' && codec !== 'hevc')) return false
  const lengthByte = video.record[codec === 'h264' ? avcLengthByte : hevcLengthByte] ?? 3
  return hasCaptions(codec, body, (lengthByte & 3) + 1)
}

/**
 * Completes a format with frame rate, bitrate and GOP length. If the measurements are of another format,
 * their frame rate is used only when the header has no plausible one, and their GOP length is not used.
 */
function measuredVideo(format: VideoFormat, measured: VideoSource | null): VideoSource {
  const isSame = measured !== null && isSameFormat(format, { ...measured, fps: null })
  const fps = isSame ? measured.fps : (plausibleFps(format) ?? measured?.fps ?? 30)
  const bitrate = measured?.bitrate ?? 0
  const gopMs = isSame ? measured.gopMs : null
  return { ...format, fps, bitrate, gopMs, isBrowserFriendly: isBrowserFriendly(format) }
}

/** Whether two configurations of audio are equal, or both are missing. */
function isSameAudio(one: SourceAudio | undefined, other: SourceAudio | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.codec === other.codec && one.record.equals(other.record)
}
