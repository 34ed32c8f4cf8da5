import { type Gop, maxGops, type SignalSample } from '../../core/coach/signal/signal-sample.ts'
import type { ClockCorrection } from '../clock/clock-fault.ts'
import { FramePace } from './frame-pace.ts'
import { Jitter } from './jitter.ts'
import { TrackTime } from './track-time.ts'

/** A packet of a track. */
interface MeasuredPacket {
  /** Timestamp of its RTMP message, 32 bits. */
  raw: number
  /** Its session time, ms. */
  time: number
  bytes: number
  /** Whether it is a keyframe that does not end all references to frames before it. */
  isOpen?: boolean | undefined
  /** Its arrival, ms of a steady clock. */
  now: number
}

export type Measures = Omit<SignalSample, 'at' | 'publish'>

/** Step ahead of the timestamps from which it counts as a jump, ms. Shorter ones are pauses of encoders. */
const maxStepMs = 10_000
/** Number of samples from which the usual skew of the tracks is found. */
const skewSamples = 5

/** What is counted from one sample to the next. */
const newCounts = () => ({
  videoBytes: 0,
  audioBytes: 0,
  frames: 0,
  audioPackets: 0,
  gapMs: 0,
  /** Smallest drift of a packet of each track, ms: single packets may be late. */
  videoDrift: Number.POSITIVE_INFINITY,
  audioDrift: Number.POSITIVE_INFINITY,
  compositionMs: 0,
  jumps: 0,
  openGops: 0,
  gops: [] as Gop[],
})

/** Rounds without a negative zero, which JSON does not have. */
const whole = (value: number) => Math.round(value) + 0

/** Measures the signal of one publish from its packets. Costs a few additions for each. */
export class SignalMeter {
  readonly #jitter = new Jitter()
  readonly #pace = new FramePace()
  readonly #video = new TrackTime()
  readonly #audio = new TrackTime()
  readonly #corrections: Partial<Record<ClockCorrection['fault'], number>> = {}
  /** Media time and arrival of the newest keyframe, ms. */
  #keyframe: { mediaMs: number; now: number } | undefined
  #newest = { video: 0, audio: 0, now: 0 }
  #usualSkew = { ms: 0, samples: 0 }
  #sampled = { at: 0, driftMs: 0 }
  #counts = newCounts()

  /** Notes a frame; `compositionMs` is its time from decoding to presentation, ms. */
  addVideo(
    { raw, time, bytes, now, isOpen }: MeasuredPacket,
    isKeyframe: boolean,
    compositionMs: number,
  ): void {
    const counts = this.#counts
    this.#arrive(now)
    this.#jitter.add(time, now)
    const step = this.#video.advance(raw, now)
    if (step !== undefined) this.#pace.add(step)
    if (isKeyframe) this.#startGop(now)
    if (isKeyframe && isOpen) counts.openGops++
    counts.videoDrift = Math.min(counts.videoDrift, this.#video.driftAt(now))
    counts.compositionMs = Math.max(counts.compositionMs, compositionMs)
    counts.videoBytes += bytes
    counts.frames++
    this.#newest.video = time
  }

  addAudio({ raw, time, bytes, now }: MeasuredPacket): void {
    const counts = this.#counts
    this.#arrive(now)
    if (!this.#video.hasBegun) this.#jitter.add(time, now)
    this.#audio.advance(raw, now)
    counts.audioDrift = Math.min(counts.audioDrift, this.#audio.driftAt(now))
    counts.audioBytes += bytes
    counts.audioPackets++
    this.#newest.audio = time
  }

  /** Counts a correction of the timestamps. */
  corrected({ fault, amount }: ClockCorrection): void {
    this.#corrections[fault] = (this.#corrections[fault] ?? 0) + 1
    if (fault === 'step_back' || (fault === 'step_ahead' && amount > maxStepMs)) this.#counts.jumps++
  }

  get jitterMs(): number {
    return this.#jitter.meanMs
  }

  /** Number of corrections by fault. */
  get corrections(): Record<string, number> {
    return { ...this.#corrections }
  }

  /** Returns the measures since the last call; undefined before the first packet. */
  take(now: number): Measures | undefined {
    if (this.#newest.now === 0) return undefined
    const counts = this.#counts
    const passedMs = Math.max(1, now - this.#sampled.at)
    const driftMs = this.#driftOf(now)
    this.#counts = newCounts()
    this.#sampled = { at: now, driftMs }
    const rate = (bytes: number) => Math.round((bytes * 8000) / passedMs)
    return {
      video: rate(counts.videoBytes),
      audio: rate(counts.audioBytes),
      frames: counts.frames,
      audioPackets: counts.audioPackets,
      ...this.#pace.take(),
      gapMs: Math.round(Math.max(counts.gapMs, now - this.#newest.now)),
      driftMs: whole(driftMs),
      jitterMs: Math.round(this.#jitter.meanMs),
      gopAgeMs: this.#keyframe ? Math.round(this.#video.elapsedMs - this.#keyframe.mediaMs) : 0,
      compositionMs: counts.compositionMs,
      skewMs: this.#skew(),
      jumps: counts.jumps,
      openGops: counts.openGops,
      gops: counts.gops,
    }
  }

  #arrive(now: number) {
    if (this.#newest.now === 0) this.#sampled.at = now
    else this.#counts.gapMs = Math.max(this.#counts.gapMs, now - this.#newest.now)
    this.#newest.now = now
  }

  #startGop(now: number) {
    const mediaMs = this.#video.elapsedMs
    const { gops } = this.#counts
    if (this.#keyframe && gops.length < maxGops)
      gops.push([Math.round(mediaMs - this.#keyframe.mediaMs), Math.round(now - this.#keyframe.now)])
    this.#keyframe = { mediaMs, now }
  }

  /**
   * Returns the drift of the picture, or of the sound when there is no picture. It stays as it was when only
   * the other track sends, and grows when neither does.
   */
  #driftOf(now: number): number {
    const hasVideo = this.#video.hasBegun
    const drift = hasVideo ? this.#counts.videoDrift : this.#counts.audioDrift
    if (drift !== Number.POSITIVE_INFINITY) return drift
    if (this.#counts.audioPackets > 0) return this.#sampled.driftMs
    return (hasVideo ? this.#video : this.#audio).driftAt(now)
  }

  #skew(): number {
    if (!this.#video.hasBegun || !this.#audio.hasBegun) return 0
    const skew = this.#newest.video - this.#newest.audio
    const usual = this.#usualSkew
    if (usual.samples === skewSamples) return whole(skew - usual.ms)
    usual.samples++
    usual.ms += (skew - usual.ms) / usual.samples
    return 0
  }
}
