import { initSegment } from '../mp4/init-segment.ts'
import { MediaError } from '../mp4/media-error.ts'
import type { AudioTrack, Track } from '../mp4/movie.ts'
import type { Sample } from '../mp4/sample.ts'
import { silentMovie, silentTrack } from '../mp4/silent-track.ts'
import { createAudioCutter } from './audio-cutter.ts'
import { type ArrivedSample, type AudioFrames, createAudioFrames } from './audio-frames.ts'
import type { Packer, PackerOptions } from './packer.ts'

export interface AudioPackerOptions extends PackerOptions {
  /**
   * `lead`: there is no video, and audio makes the cuts. `follow`: the video makes them. `silent`: the video
   * makes them, and silence is made here.
   */
  mode: 'lead' | 'follow' | 'silent'
  /**
   * Called once when audio arrives after silence was published instead of it. Only another epoch can publish
   * that audio.
   */
  onLate: () => void
}

/** Maximum number of frames that wait for the video: about a minute. */
const maxQueued = 3000

/** Error of a boundary's time, ms. */
const boundaryErrorMs = 0.5

const ticksAt = (ms: number, { timescale }: AudioTrack) => Math.ceil((ms * timescale) / 1000 - 0.5)

/**
 * Packs the audio rendition along the boundaries of the video, and fills with silence where audio is missing.
 */
export class AudioPacker implements Packer {
  readonly #options: AudioPackerOptions
  readonly #cutter: ReturnType<typeof createAudioCutter>
  readonly #presence = createAudioPresence(performance.now())
  /** Frames that arrived before it was known where audio begins. */
  #early: ArrivedSample[] = []
  /** Frames that wait until the video is past them. */
  #queue: ArrivedSample[] = []
  #track: AudioTrack | undefined
  #frames: AudioFrames | undefined
  /** `silence`: no audio came, so silence is published. */
  #source: 'pipe' | 'silence' | 'pipe too late' = 'pipe'

  constructor(options: AudioPackerOptions) {
    this.#options = options
    this.#cutter = createAudioCutter({ ...options, isLeading: options.mode === 'lead' })
    if (options.mode === 'silent') this.#useSilence()
  }

  onTrack(track: Track, init: Buffer): void {
    if (track.kind !== 'audio') throw new MediaError('video in the audio rendition')
    if (this.#source !== 'pipe') return
    this.#track = track
    this.#options.stream.setTrack(track, init)
  }

  onSample(sample: Sample, arrivedAt: number): void {
    if (this.#source !== 'pipe') {
      this.#reportLate()
      return
    }
    this.#presence.arrived(arrivedAt)
    if (this.#frames) this.#frames.add(sample, arrivedAt)
    else this.#early.push({ sample, arrivedAt })
    if (this.#early.length + this.#queue.length > maxQueued)
      throw new MediaError('audio continues without video')
    this.advance(arrivedAt)
  }

  advance(now: number): void {
    if (this.#isMissing(now)) this.#useSilence()
    const track = this.#track
    if (!track) return
    this.#frames ??= this.#start(track)
    if (this.#frames) this.#fill(this.#frames, track, now)
    this.#drain(track)
  }

  end(): void {
    const track = this.#track
    if (!track) return
    const { mode, timeline } = this.#options
    // Audio may end a little before the video. Without this the rendition could lack the last segment.
    if (mode !== 'lead') this.#frames?.fillTo(ticksAt(timeline.progressMs, track), performance.now())
    this.#drain(track)
    this.#cutter.flush(track)
  }

  /** Begins audio where the video begins or, without video, at its own first frame. */
  #start(track: AudioTrack): AudioFrames | undefined {
    const { mode, timeline, floorMs } = this.#options
    const firstMs = mode === 'lead' ? this.#firstMs(track) : timeline.startMs
    if (firstMs === undefined) return undefined
    const startTicks = ticksAt(Math.max(firstMs, floorMs), track)
    const frames = createAudioFrames(track, startTicks, (frame) => this.#queue.push(frame))
    for (const { sample, arrivedAt } of this.#early) frames.add(sample, arrivedAt)
    this.#early = []
    return frames
  }

  /** Returns the time of the first frame that is not yet published, ms. */
  #firstMs({ timescale }: AudioTrack): number | undefined {
    const msOf = ({ sample }: ArrivedSample) => (sample.dts * 1000) / timescale
    const first = this.#early.find((frame) => msOf(frame) >= this.#options.floorMs)
    return first && msOf(first)
  }

  /**
   * Packs the frames that can no longer be on the wrong side of a boundary. RFC 8216bis 6.2.4: "Matching
   * content in Variant Streams and Renditions MUST have matching Discontinuity Sequence Numbers"; players
   * expect the same of the boundaries of segments.
   */
  #drain(track: AudioTrack) {
    if (this.#queue.length === 0) return
    const { mode, timeline } = this.#options
    const isWaiting = ({ sample }: ArrivedSample) =>
      mode !== 'lead' && (sample.dts * 1000) / track.timescale >= timeline.progressMs - boundaryErrorMs
    const firstWaiting = this.#queue.findIndex(isWaiting)
    const ready = firstWaiting === -1 ? this.#queue : this.#queue.slice(0, firstWaiting)
    this.#queue = firstWaiting === -1 ? [] : this.#queue.slice(firstWaiting)
    for (const frame of ready) this.#cutter.add(frame, track)
  }

  /** Makes silence where the video has progressed without audio. */
  #fill(frames: AudioFrames, track: AudioTrack, now: number) {
    const { mode, timeline } = this.#options
    if (!frames.canFill || mode === 'lead') return
    const progressTicks = ticksAt(timeline.progressMs, track)
    const lagMs = ((progressTicks - frames.nextTicks) * 1000) / track.timescale
    const hasStopped = this.#presence.hasStopped(now, lagMs)
    if (this.#source !== 'pipe' || hasStopped) frames.fillTo(progressTicks, now)
  }

  /** Whether the video has run for a while and not even the header of the audio came. */
  #isMissing(now: number): boolean {
    const { mode, timeline } = this.#options
    if (mode !== 'follow' || this.#track) return false
    return this.#presence.isMissing(now, timeline.progressMs - (timeline.startMs ?? Number.POSITIVE_INFINITY))
  }

  #useSilence() {
    this.#source = 'silence'
    this.#track = silentTrack
    this.#options.stream.setTrack(silentTrack, initSegment(silentMovie()))
  }

  #reportLate() {
    if (this.#source === 'silence') this.#options.onLate()
    this.#source = 'pipe too late'
  }
}

/** Time without audio after which it counts as missing, and its lag behind the video by then, ms. */
const absentMs = 1000

/** Decides when the audio that an epoch should have is missing. Clock times are `performance.now()`. */
function createAudioPresence(startedAt: number) {
  let lastArrival = startedAt
  let isStopped = false

  return {
    /** Records that a frame arrived. */
    arrived(now: number): void {
      lastArrival = now
    },

    /** Whether audio stopped in the middle of the epoch. `lagMs`: by how much the video is ahead of it. */
    hasStopped(now: number, lagMs: number): boolean {
      isStopped = now - lastArrival > absentMs && (isStopped || lagMs > absentMs)
      return isStopped
    },

    /**
     * Whether audio that has not even sent a header will be missing. `videoMs`: length of the video so far.
     */
    isMissing: (now: number, videoMs: number): boolean => now - startedAt > absentMs && videoMs > absentMs,
  }
}
