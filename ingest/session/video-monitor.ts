import { parseVideoConfig, withKeyframe } from '../../core/media/codec/video-config.ts'
import {
  isBrowserFriendly,
  isSameFormat,
  plausibleFps,
  type VideoFormat,
} from '../../core/media/codec/video-format.ts'
import { payloadOf } from '../../core/media/flv-tag.ts'
import { videoBodyOf } from '../../core/media/flv-video.ts'
import type { VideoSource } from '../../core/media/source.ts'
import { messageOf } from '../../core/process/errors.ts'
import { Bitrate } from '../measure/bitrate.ts'
import { FrameRate, GopLength } from '../measure/frame-timing.ts'
import { checkPicture, type PictureLimits } from '../media/picture-limits.ts'
import { UnsupportedMedia } from '../media/unsupported-media.ts'
import type { VideoUnit } from '../media/video-unit.ts'

/**
 * Meaning of a packet for the session. `restart`: there is a new codec header, so decoders must start again.
 * `ignored`: the packet is not forwarded.
 */
export type VideoEvent = 'restart' | 'keyframe' | 'frame' | 'ignored'

/** Time for which too many pixels per second are tolerated, ms. Bursts of frames are shorter. */
const patienceMs = 3000

export class VideoMonitor {
  readonly #limits: PictureLimits
  readonly #bitrate = new Bitrate()
  readonly #frameRate = new FrameRate()
  readonly #gop = new GopLength()
  #config: Buffer | undefined
  #format: VideoFormat | undefined
  /** Frame rate of the previous format. It is used until the frame rate of this format is known. */
  #previousFps: number | undefined
  #hasKeyframe = false
  /** Whether there has been a keyframe in any format. */
  #hasBegun = false
  #isKnown = false
  /** Since when there have been too many pixels per second, ms; undefined while there are not. */
  #excessSince: number | undefined
  #firstTime: number | undefined
  #lastTime = 0

  constructor(limits: PictureLimits) {
    this.#limits = limits
  }

  /**
   * Observes a unit; `time` is its session time, ms.
   * @throws UnsupportedMedia when the picture exceeds the limits or its header cannot be read
   */
  observe(unit: VideoUnit, time: number): VideoEvent {
    if (unit.packet === 'config') return this.#observeConfig(unit)
    this.#firstTime ??= time
    this.#lastTime = time
    return this.#observeFrame(unit.packet, unit.tag, time)
  }

  #observeConfig({ codec, tag }: VideoUnit): VideoEvent {
    if (this.#config && payloadOf(this.#config).equals(payloadOf(tag))) return 'ignored'
    const format = readFormat(codec, () => parseVideoConfig(codec, videoBodyOf(tag)))
    checkPicture(format, 0, this.#limits)
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
    const known = this.#format
    if (known === undefined) return 'ignored'
    if (packet === 'keyframe') {
      this.#format = readFormat(known.codec, () => withKeyframe(known, videoBodyOf(tag)))
      if (this.#format !== known) checkPicture(this.#format, 0, this.#limits)
      this.#hasKeyframe = true
      this.#hasBegun = true
      this.#gop.addKeyframe(time)
    } else if (!this.#hasKeyframe) return 'ignored'
    this.#bitrate.add(time, tag.length)
    this.#frameRate.add(time)
    this.#checkPixelRate(this.#format ?? known, time)
    return packet
  }

  #checkPixelRate(format: VideoFormat, time: number) {
    const rate = this.#frameRate.recent
    if (format.width * format.height * rate <= this.#limits.maxPixelRate) {
      this.#excessSince = undefined
      return
    }
    this.#excessSince ??= time
    if (time - this.#excessSince >= patienceMs) checkPicture(format, rate, this.#limits)
  }

  /** The tag of the newest codec header; undefined before the first one. */
  get config(): Buffer | undefined {
    return this.#config
  }

  /** Time from the first frame to the newest one, ms; undefined before the first frame. */
  get span(): number | undefined {
    return this.#firstTime === undefined ? undefined : this.#lastTime - this.#firstTime
  }

  /** Whether the format and the frame rate have become known. Stays true when the format changes. */
  get isKnown(): boolean {
    if (!this.#isKnown && this.#hasBegun && (this.#format?.width ?? 0) > 0)
      this.#isKnown = this.#fps !== undefined
    return this.#isKnown
  }

  /** Whether there has been a keyframe since the newest codec header, so that a decoder can start. */
  get canStart(): boolean {
    return this.#hasKeyframe
  }

  /** Everything that is known about the picture; null until `isKnown`, and while its size is unknown. */
  get source(): VideoSource | null {
    const format = this.#format
    const fps = this.#fps ?? this.#previousFps
    if (!this.isKnown || format === undefined || format.width === 0 || fps === undefined) return null
    const { fps: _, ...picture } = format
    const measured = { gopMs: this.#gop.longest, bitrate: this.#bitrate.bitsPerSecond }
    return { ...picture, isBrowserFriendly: isBrowserFriendly(format), fps, ...measured }
  }

  get #fps(): number | undefined {
    const stated = this.#format && plausibleFps(this.#format)
    return this.#frameRate.measured ?? stated ?? this.#frameRate.guessed
  }
}

function readFormat(codec: VideoFormat['codec'], read: () => VideoFormat): VideoFormat {
  try {
    return read()
  } catch (error) {
    throw new UnsupportedMedia(
      `The header of the ${codec.toUpperCase()} video cannot be read: ${messageOf(error)}.`,
    )
  }
}
