import type { Sample } from '../mp4/sample.ts'
import { stereoTrack } from '../mp4/silent-track.ts'
import type { AudioTrack, DescribedTrack } from '../mp4/track.ts'
import { createAudioCutter } from './audio-cutter.ts'
import { type ArrivedSample, type AudioFrames, createAudioFrames } from './audio-frames.ts'
import type { Packer, PackerOptions, Progress } from './packer.ts'
import { PackingError } from './packing-error.ts'

export interface AudioPackerOptions extends PackerOptions {
  /**
   * `lead`: there is no video, and audio makes the cuts. `follow`: the video makes them. `silent`: the video
   * makes them, and silence is made here.
   */
  mode: 'lead' | 'follow' | 'silent'
}

/** Maximum number of frames that wait: about a minute. */
const maxQueued = 3000
/**
 * Maximum time that a frame waits for the video to decide whether a segment begins at it, ms. Elsewhere audio
 * does not wait.
 */
const maxWaitMs = 200
/** Error of a boundary's time, ms. */
const boundaryErrorMs = 0.5
/** Time without audio after which it counts as missing, and its lag behind the video by then, ms. */
const absentMs = 1000

const ticksAt = (ms: number, { timescale }: AudioTrack) => Math.ceil((ms * timescale) / 1000 - 0.5)

/**
 * Packs an audio rendition along the boundaries of the video, and fills with silence where audio is missing.
 */
export class AudioPacker implements Packer {
  readonly #options: AudioPackerOptions
  readonly #cutter: ReturnType<typeof createAudioCutter>
  readonly #presence = createAudioPresence(performance.now())
  /** Frames that arrived before it was known where audio begins. */
  #early: ArrivedSample[] = []
  /** Frames that wait until it is known which segment they belong to. */
  #queue: ArrivedSample[] = []
  #track: AudioTrack | undefined
  #frames: AudioFrames | undefined

  constructor(options: AudioPackerOptions) {
    this.#options = options
    this.#cutter = createAudioCutter({ ...options, isLeading: options.mode === 'lead' })
    if (options.mode === 'silent') this.setTrack(stereoTrack)
  }

  /** End of the frames received so far, ms; the floor before the first. */
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

  /** Packs what can be packed now (`performance.now()`). */
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
    // Audio may end a little before the video. Without this the rendition could lack the last segment.
    if (mode !== 'lead') this.#frames?.fillTo(ticksAt(timeline.progressMs, track), performance.now())
    this.#drain(track, Number.POSITIVE_INFINITY)
    this.#cutter.flush(track)
  }

  /** Begins audio where the video begins or, without video, at its own first frame. */
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

  /** Returns the time of the first frame that is not yet published, ms. */
  #firstMs({ timescale }: AudioTrack): number | undefined {
    const msOf = ({ sample }: ArrivedSample) => (sample.dts * 1000) / timescale
    const first = this.#early.find((frame) => msOf(frame) >= this.#options.floorMs)
    return first && msOf(first)
  }

  /**
   * Packs the frames of which it is known on which side of a boundary they are. RFC 8216bis 6.2.4: "Matching
   * content in Variant Streams and Renditions MUST have matching Discontinuity Sequence Numbers"; players
   * expect the same of the boundaries of segments. Only a frame at which a segment may begin waits for the
   * video, and only for a moment if the segment can be longer.
   */
  #drain(track: AudioTrack, now: number) {
    if (this.#queue.length === 0) return
    const { mode, timeline } = this.#options
    const isWaiting = ({ sample, arrivedAt }: ArrivedSample) => {
      const startMs = (sample.dts * 1000) / track.timescale
      const isKnown = startMs < Math.max(timeline.progressMs, timeline.nextSegmentFromMs) - boundaryErrorMs
      if (isKnown) return false
      // No segment can be longer than this.
      return startMs > timeline.nextSegmentUntilMs || now - arrivedAt < maxWaitMs
    }
    const firstWaiting = mode === 'lead' ? -1 : this.#queue.findIndex(isWaiting)
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
    if (mode === 'silent' || hasStopped) frames.fillTo(progressTicks, now)
  }
}

/** Decides when the audio that an epoch should have is missing. Clock times are `performance.now()`. */
function createAudioPresence(startedAt: number) {
  let lastArrival = startedAt
  let isStopped = false

  return {
    /** Records that a frame arrived. */
    arrived(now: number): void {
      lastArrival = now
    },

    /** Whether audio is missing. `lagMs`: by how much the video is ahead of it. */
    hasStopped(now: number, lagMs: number): boolean {
      isStopped = now - lastArrival > absentMs && (isStopped || lagMs > absentMs)
      return isStopped
    },
  }
}
