import { payloadLength, payloadOf } from '../../core/media/flv-tag.ts'
import { isEnhancedVideo, videoCodecOf, videoPacketOf } from '../../core/media/flv-video.ts'
import type { VideoSource } from '../../core/media/source.ts'
import { Bitrate } from '../measure/bitrate.ts'
import { FrameRate, GopLength } from '../measure/frame-timing.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import { parseVideoConfig, withKeyframe } from '../media/video-config.ts'
import { isSameFormat, type VideoFormat } from '../media/video-format.ts'

/** Bounds of a plausible frame rate. Some codec headers state a time base instead. */
const plausibleFps = { min: 1, max: 240 }

/**
 * What a packet means to the session. `restart`: a new codec header, with which decoders must start again.
 * `ignored`: not to be forwarded.
 */
export type VideoEvent = 'restart' | 'keyframe' | 'frame' | 'ignored'

/** Measures the video of a session from its packets. */
export class VideoMonitor {
  readonly #readsEnhancedVideo: boolean
  readonly #bitrate = new Bitrate()
  readonly #frameRate = new FrameRate()
  readonly #gop = new GopLength()
  #config: Buffer | undefined
  #format: VideoFormat | undefined
  /** Frame rate of the previous format, used until that of this format is known. */
  #previousFps: number | undefined
  #hasKeyframe = false
  #firstTime: number | undefined
  #lastTime = 0

  /** `readsEnhancedVideo`: whether transcoders can read video of enhanced RTMP. */
  constructor(readsEnhancedVideo: boolean) {
    this.#readsEnhancedVideo = readsEnhancedVideo
  }

  /** Observes a packet of media time `time`, ms. @throws UnsupportedMedia */
  observe(tag: Buffer, time: number): VideoEvent {
    const packet = videoPacketOf(tag, payloadLength(tag))
    if (packet === 'aside' || packet === 'malformed') return 'ignored'
    this.#firstTime ??= time
    this.#lastTime = time
    if (packet === 'config') return this.#observeConfig(tag)
    if (this.#format === undefined) this.#checkCodec(tag)
    return this.#observeFrame(packet, tag, time)
  }

  #observeConfig(tag: Buffer): VideoEvent {
    this.#checkCodec(tag)
    if (this.#config && payloadOf(this.#config).equals(payloadOf(tag))) return 'ignored'
    const format = parseVideoConfig(tag)
    if (this.#format && !isSameFormat(this.#format, format)) {
      this.#previousFps = this.#fps ?? this.#previousFps
      this.#frameRate.reset()
    }
    this.#config = tag
    this.#format = format
    this.#hasKeyframe = false
    return 'restart'
  }

  #observeFrame(packet: 'keyframe' | 'frame', tag: Buffer, time: number): VideoEvent {
    if (this.#format === undefined) return 'ignored'
    if (packet === 'keyframe') {
      this.#hasKeyframe = true
      this.#format = withKeyframe(this.#format, tag)
      this.#gop.addKeyframe(time)
    } else if (!this.#hasKeyframe) return 'ignored'
    this.#bitrate.add(time, tag.length)
    this.#frameRate.add(time)
    return packet
  }

  #checkCodec(tag: Buffer): void {
    const codec = videoCodecOf(tag)
    if (codec === 'other')
      throw new UnsupportedMedia('This video codec is not supported. Choose H.264 in the encoder settings.')
    if (isEnhancedVideo(tag) && !this.#readsEnhancedVideo)
      throw new UnsupportedMedia(
        `${codec.toUpperCase()} cannot be transcoded here: the server's ffmpeg is older than 6.1. Choose H.264 in the encoder settings.`,
      )
  }

  /** The tag of the codec header. */
  get config(): Buffer | undefined {
    return this.#config
  }

  /** Media time since the first packet, ms; undefined before it. */
  get span(): number | undefined {
    return this.#firstTime === undefined ? undefined : this.#lastTime - this.#firstTime
  }

  /** Whether a decoder could start with the newest keyframe. */
  get canStart(): boolean {
    return this.#hasKeyframe
  }

  /** Everything that is known; null until the codec header and a frame rate are. */
  get source(): VideoSource | null {
    const format = this.#format
    const fps = this.#fps ?? this.#previousFps
    if (!format || format.width === 0 || fps === undefined) return null
    const { codec, codecString, width, height, isBrowserFriendly } = format
    const measured = { gopMs: this.#gop.longest, bitrate: this.#bitrate.bitsPerSecond }
    return { codec, codecString, width, height, isBrowserFriendly, fps, ...measured }
  }

  get #fps(): number | undefined {
    const stated = this.#format?.fps ?? 0
    const isPlausible = stated >= plausibleFps.min && stated <= plausibleFps.max
    return this.#frameRate.measured ?? (isPlausible ? roundFps(stated) : this.#frameRate.guessed)
  }
}

const roundFps = (fps: number) => Math.round(fps * 1000) / 1000
