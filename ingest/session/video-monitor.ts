import { payloadLength, payloadOf } from '../../core/media/flv-tag.ts'
import { isEnhancedVideo, type VideoPacket, videoCodecOf, videoPacketOf } from '../../core/media/flv-video.ts'
import type { VideoSource } from '../../core/media/source.ts'
import { Bitrate } from '../measure/bitrate.ts'
import { FrameRate } from '../measure/frame-timing.ts'
import { GopLength } from '../measure/gop-length.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import { completedByKeyframe, parseVideoConfig } from '../media/video-config.ts'
import { isSameForm, type VideoFormat } from '../media/video-format.ts'

/** A frame rate of the codec header outside these is a time base, not a rate. */
const believableFps = { min: 1, max: 240 }

/** What a packet means to the session: `restart` is a new codec header, after which decoders must begin anew. */
export type VideoStep = 'restart' | 'keyframe' | 'frame' | 'nothing'

/** The video of a session: its codec header and what its packets tell. */
export class VideoMonitor {
  readonly #enhancedWorks: boolean
  readonly #rate = new Bitrate()
  readonly #frameRate = new FrameRate()
  readonly #gop = new GopLength()
  #config: Buffer | undefined
  #format: VideoFormat | undefined
  /** Of the form before this one, until this one tells its own. */
  #formerFps: number | undefined
  #keyframeSeen = false
  #firstTime: number | undefined
  #lastTime = 0

  /** `enhancedWorks`: whether transcoders can read video in the form of enhanced RTMP. */
  constructor(enhancedWorks: boolean) {
    this.#enhancedWorks = enhancedWorks
  }

  /** Takes a packet of media time `time`, ms. @throws UnsupportedMedia */
  take(tag: Buffer, time: number): VideoStep {
    const packet = videoPacketOf(tag, payloadLength(tag))
    if (packet === 'aside' || packet === 'malformed') return 'nothing'
    this.#firstTime ??= time
    this.#lastTime = time
    if (packet === 'config') return this.#takeConfig(tag)
    if (this.#format === undefined) this.#checkCodec(tag)
    return this.#takeFrame(packet, tag, time)
  }

  #takeConfig(tag: Buffer): VideoStep {
    this.#checkCodec(tag)
    if (this.#config && payloadOf(this.#config).equals(payloadOf(tag))) return 'nothing'
    const format = parseVideoConfig(tag)
    if (this.#format && !isSameForm(this.#format, format)) {
      this.#formerFps = this.#fps ?? this.#formerFps
      this.#frameRate.reset()
    }
    this.#config = tag
    this.#format = format
    this.#keyframeSeen = false
    return 'restart'
  }

  #takeFrame(packet: VideoPacket, tag: Buffer, time: number): VideoStep {
    if (this.#format === undefined) return 'nothing'
    if (packet === 'keyframe') {
      this.#keyframeSeen = true
      this.#format = completedByKeyframe(this.#format, tag)
      this.#gop.keyframe(time)
    } else if (!this.#keyframeSeen) return 'nothing'
    this.#rate.add(time, tag.length)
    this.#frameRate.add(time)
    return packet === 'keyframe' ? 'keyframe' : 'frame'
  }

  #checkCodec(tag: Buffer): void {
    const codec = videoCodecOf(tag)
    if (codec === 'other')
      throw new UnsupportedMedia('This video codec is not supported. Choose H.264 in the encoder settings.')
    if (isEnhancedVideo(tag) && !this.#enhancedWorks)
      throw new UnsupportedMedia(
        `${codec.toUpperCase()} cannot be transcoded here: the server's ffmpeg is older than 6.1. Choose H.264 in the encoder settings.`,
      )
  }

  /** The tag with the codec header. */
  get config(): Buffer | undefined {
    return this.#config
  }

  /** Media time since the first packet, ms; undefined before it. */
  get span(): number | undefined {
    return this.#firstTime === undefined ? undefined : this.#lastTime - this.#firstTime
  }

  /** Whether a decoder could start now. */
  get canStart(): boolean {
    return this.#keyframeSeen
  }

  /** All that is known; null until the codec header and a frame rate are there. */
  get source(): VideoSource | null {
    const format = this.#format
    const fps = this.#fps ?? this.#formerFps
    if (!format || format.width === 0 || fps === undefined) return null
    const { codec, codecString, width, height, isBrowserFriendly } = format
    const measured = { gopMs: this.#gop.longest, bitrate: this.#rate.bitsPerSecond }
    return { codec, codecString, width, height, isBrowserFriendly, fps, ...measured }
  }

  get #fps(): number | undefined {
    const stated = this.#format?.fps ?? 0
    const believable = stated >= believableFps.min && stated <= believableFps.max
    return this.#frameRate.measured ?? (believable ? round(stated) : this.#frameRate.guessed)
  }
}

const round = (fps: number) => Math.round(fps * 1000) / 1000
