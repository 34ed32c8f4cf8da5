import type { Sample } from '../mp4/sample.ts'
import { stereoTrack } from '../mp4/silent-track.ts'
import type { AudioTrack, DescribedTrack } from '../mp4/track.ts'
import { createAudioCutter } from './audio-cutter.ts'
import { type ArrivedSample, type AudioFrames, createAudioFrames } from './audio-frames.ts'
import type { Packer, PackerOptions, Progress } from './packer.ts'
import { PackingError } from './packing-error.ts'

export interface AudioPackerOptions extends PackerOptions {
  /**
   * `lead`: there is no video, so the cuts come from this audio. `follow`: they come from the video.
   * `silent`: they come from the video, and there is no audio, so the packer adds silence.
   */
  mode: 'lead' | 'follow' | 'silent'
}

/** Maximum number of frames that wait, about a minute of AAC at 48 kHz. */
const maxQueued = 3000
/**
 * Maximum time for which a frame waits for the video, ms. A frame waits only if the next segment may begin at
 * or before it. There is no limit once the segment has reached its maximum length.
 */
const maxWaitMs = 200
/** Maximum difference of two times that count as the same boundary, ms. */
const boundaryErrorMs = 0.5
/** Maximum time without a frame and maximum lag behind the video, ms. Audio beyond both counts as missing. */
const absentMs = 1000

const ticksAt = (ms: number, { timescale }: AudioTrack) => Math.ceil((ms * timescale) / 1000 - 0.5)

/**
 * Packs an audio rendition with the segment boundaries of the video, if there is one. Adds silence where
 * audio is missing, if there is a silent frame for the codec.
 */
export class AudioPacker implements Packer {
  readonly #options: AudioPackerOptions
  readonly #cutter: ReturnType<typeof createAudioCutter>
  readonly #presence = createAudioPresence(performance.now())
  /** Frames that arrived before it was known where audio begins. */
  #early: ArrivedSample[] = []
  /** Frames that wait until it is known to which segment they belong. */
  #queue: ArrivedSample[] = []
  #track: AudioTrack | undefined
  #frames: AudioFrames | undefined

  constructor(options: AudioPackerOptions) {
    this.#options = options
    this.#cutter = createAudioCutter({ ...options, isLeading: options.mode === 'lead' })
    if (options.mode === 'silent') this.setTrack(stereoTrack)
  }

  /** Time up to which there are frames, silence included, ms; `floorMs` before audio begins. */
  get endMs(): number {
    const [track, frames] = [this.#track, this.#frames]
    return track && frames ? (frames.nextTicks * 1000) / track.timescale : this.#options.floorMs
  }

  setTrack(described: DescribedTrack): void {
    if (described.track.kind !== 'audio') throw new PackingError('video in an audio rendition')
    this.#track = described.track
    this.#options.stream.setTrack(described)
  }

  add(sample: Sample, arrivedAt: number): void {
    this.#presence.arrived(arrivedAt)
    if (this.#frames) this.#frames.add(sample, arrivedAt)
    else this.#early.push({ sample, arrivedAt })
    if (this.#early.length + this.#queue.length > maxQueued)
      throw new PackingError('audio continues without video')
    this.progress(arrivedAt)
  }

  advance({ now }: Progress): void {
    this.progress(now)
  }

  /**
   * Adds silence for missing audio, and packs the frames that no longer have to wait. `now`: ms of
   * `performance.now()`.
   */
  progress(now: number): void {
    const track = this.#track
    if (!track) return
    this.#frames ??= this.#start(track)
    if (this.#frames) this.#fill(this.#frames, track, now)
    this.#drain(track, now)
  }

  end(): void {
    const track = this.#track
    if (!track) return
    const { mode, timeline } = this.#options
    // Audio may end a little earlier than the video. Without silence it could lack the last segment.
    if (mode !== 'lead') this.#frames?.fillTo(ticksAt(timeline.progressMs, track), performance.now())
    this.#drain(track, Number.POSITIVE_INFINITY)
    this.#cutter.flush(track)
  }

  /**
   * Begins audio where the video begins, or without video at its own first frame; never before `floorMs`.
   * Returns undefined while neither is known.
   */
  #start(track: AudioTrack): AudioFrames | undefined {
    const { mode, timeline, floorMs } = this.#options
    const firstMs = timeline.startMs ?? (mode === 'lead' ? this.#firstMs(track) : undefined)
    if (firstMs === undefined) return undefined
    const startTicks = ticksAt(Math.max(firstMs, floorMs), track)
    const frames = createAudioFrames(track, startTicks, (frame) => this.#queue.push(frame))
    for (const { sample, arrivedAt } of this.#early) frames.add(sample, arrivedAt)
    this.#early = []
    return frames
  }

  /** Returns the start of the first early frame at or after `floorMs`, ms; undefined when there is none. */
  #firstMs({ timescale }: AudioTrack): number | undefined {
    const msOf = ({ sample }: ArrivedSample) => (sample.dts * 1000) / timescale
    const first = this.#early.find((frame) => msOf(frame) >= this.#options.floorMs)
    return first && msOf(first)
  }

  /**
   * Packs the frames whose segment is known. Players expect the same boundaries, and RFC 8216bis 6.2.4 the
   * same discontinuities, in all renditions. So a frame at which a segment may begin waits for the video, but
   * only for `maxWaitMs` if the segment can still become longer.
   */
  #drain(track: AudioTrack, now: number) {
    if (this.#queue.length === 0) return
    const { mode, timeline } = this.#options
    const isWaiting = ({ sample, arrivedAt }: ArrivedSample) => {
      const startMs = (sample.dts * 1000) / track.timescale
      const isKnown = startMs < Math.max(timeline.progressMs, timeline.nextSegmentFromMs) - boundaryErrorMs
      if (isKnown) return false
      // After `nextSegmentUntilMs` the segment cannot become longer, so the frame must wait for the cut.
      return startMs > timeline.nextSegmentUntilMs || now - arrivedAt < maxWaitMs
    }
    const firstWaiting = mode === 'lead' ? -1 : this.#queue.findIndex(isWaiting)
    const ready = firstWaiting === -1 ? this.#queue : this.#queue.slice(0, firstWaiting)
    this.#queue = firstWaiting === -1 ? [] : this.#queue.slice(firstWaiting)
    for (const frame of ready) this.#cutter.add(frame, track)
  }

  /** Adds silence where the video has continued without audio. */
  #fill(frames: AudioFrames, track: AudioTrack, now: number) {
    const { mode, timeline } = this.#options
    if (!frames.canFill || mode === 'lead') return
    const progressTicks = ticksAt(timeline.progressMs, track)
    const lagMs = ((progressTicks - frames.nextTicks) * 1000) / track.timescale
    const hasStopped = this.#presence.hasStopped(now, lagMs)
    if (mode === 'silent' || hasStopped) frames.fillTo(progressTicks, now)
  }
}

/** Decides when audio that an epoch should have is missing. Times are ms of `performance.now()`. */
function createAudioPresence(startedAt: number) {
  let lastArrival = startedAt
  let isStopped = false

  return {
    arrived(now: number): void {
      lastArrival = now
    },

    /** Whether audio is missing. `lagMs`: lag of audio behind the video. */
    hasStopped(now: number, lagMs: number): boolean {
      isStopped = now - lastArrival > absentMs && (isStopped || lagMs > absentMs)
      return isStopped
    },
  }
}
