import { createTrackReader } from '../mp4/track-reader.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { AudioPacker } from './audio-packer.ts'
import type { Cut } from './cut-list.ts'
import type { Packer, PackerOptions } from './packer.ts'
import type { ProgramClock } from './program-clock.ts'
import type { SegmentPlan } from './segment-plan.ts'
import { Timeline } from './timeline.ts'
import { VideoPacker } from './video-packer.ts'

/** One run of ffmpeg. */
export interface EpochOptions {
  /** Number in media paths; larger than that of every earlier epoch. */
  epoch: number
  /**
   * `silent`: the source has no audio (yet). The packager makes silence, and nothing may be written to the
   * audio rendition.
   */
  audio: 'pipe' | 'silent'
  /** Duration of a video frame, ms (1000 / fps); ignored without a video rendition. */
  frameMs: number
  /** Longest GOP to expect, ms, if known. It improves the cuts of the first segments. */
  gopMs?: number | undefined
  /**
   * `same` (default): timestamps continue those of the previous epoch, and media that is already published is
   * dropped. `new`: they start anywhere, because the publisher came back.
   */
  timeline?: 'same' | 'new'
  /**
   * Called once when audio arrives after silence was published instead of it. Viewers hear it from the next
   * epoch on.
   */
  onAudioLate?: () => void
  /** Called once when the bytes cannot be understood. The epoch ends, and the presentation stays as it is. */
  onFailure?: (error: Error) => void
}

/** Takes the bytes of one epoch. Calls after its end, or after a newer epoch began, have no effect. */
export interface EpochSink {
  /**
   * Takes bytes of a rendition's pipe, in order, of any length. Never throws. Keeps `chunk` until its part is
   * complete, so it must not be reused.
   */
  write(rendition: string, chunk: Buffer): void
  /** Publishes what was held back. No more bytes follow; the presentation does not end. */
  end(): void
}

/** What an epoch takes over from its presentation. */
export interface EpochContext {
  streams: ReadonlyMap<string, RenditionStream>
  clock: ProgramClock
  plan: SegmentPlan
  partTargetMs: number
  frameMs: number
  firstMsn: number
  /** Whether the first segment follows others that viewers may know. */
  isContinuation: boolean
  /** Returns the time before which media of a rendition is already published, ms; -Infinity for none. */
  floorOf: (stream: RenditionStream) => number
}

/**
 * Packages one run of ffmpeg into a presentation. Each rendition has a chain of reader, packer and stream.
 * The packers share a timeline.
 */
export function createEpochPackager(options: EpochOptions, context: EpochContext): EpochSink {
  const streams = [...context.streams.values()]
  const packerOf = packerFactory(options, context)
  const packers = new Map(streams.map((stream) => [stream.plan.name, packerOf(stream)]))
  const readers = new Map([...packers].map(([name, packer]) => [name, createTrackReader(packer)]))
  let state: 'running' | 'failed' | 'ended' = 'running'

  /** What is held back when bytes were not understood may not be understood either. Then it is lost. */
  function endPacker(packer: Packer) {
    try {
      packer.end()
    } catch (error) {
      fail(error)
    }
  }

  function fail(error: unknown) {
    const wasReported = state === 'failed'
    const hasEnded = state !== 'running'
    state = 'failed'
    if (!hasEnded) finish()
    if (!wasReported) options.onFailure?.(error instanceof Error ? error : new Error(String(error)))
  }

  function finish() {
    for (const packer of packers.values()) endPacker(packer)
    for (const stream of streams) stream.closeSegment()
    fillGaps(streams)
  }

  return {
    write(rendition, chunk) {
      if (state !== 'running') return
      const now = performance.now()
      try {
        readers.get(rendition)?.push(chunk, now)
        for (const [other, packer] of packers) if (other !== rendition) packer.advance(now)
      } catch (error) {
        fail(error)
      }
    },
    end() {
      if (state !== 'running') return
      state = 'ended'
      finish()
    },
  }
}

/** Returns the function that makes the packer of a rendition. */
function packerFactory(options: EpochOptions, context: EpochContext): (stream: RenditionStream) => Packer {
  const { streams, clock, plan, partTargetMs, frameMs, firstMsn, isContinuation } = context
  const timeline = new Timeline({ ...plan, partTargetMs, frameMs, gopMs: options.gopMs ?? 0, firstMsn })
  const hasVideo = [...streams.values()].some((stream) => stream.plan.kind === 'video')

  function openSegment(stream: RenditionStream, cut: Cut, startMs: number) {
    stream.closeSegment(startMs - (stream.open?.startMs ?? startMs))
    stream.openSegment({
      msn: cut.msn,
      epoch: options.epoch,
      startMs,
      date: clock.dateOf(startMs),
      // RFC 8216bis 6.2.1: "Any changes in encoding parameters … or timing information MUST be signalled by
      // the use of EXT-X-DISCONTINUITY."
      hasDiscontinuity: cut.isJump || (cut.msn === firstMsn && isContinuation),
    })
  }

  return (stream) => {
    const common: PackerOptions = {
      timeline,
      stream,
      openSegment: (cut, startMs) => openSegment(stream, cut, startMs),
      partTargetMs,
      floorMs: context.floorOf(stream),
    }
    if (stream.plan.kind === 'video')
      return new VideoPacker({ ...common, frameMs, maxFrameMs: plan.maxSegmentMs })
    const mode = options.audio === 'silent' ? 'silent' : hasVideo ? 'follow' : 'lead'
    return new AudioPacker({ ...common, mode, onLate: () => options.onAudioLate?.() })
  }
}

/**
 * Adds the segments that only some renditions got before the end to the others as gaps, so that media
 * sequence numbers stay aligned.
 */
function fillGaps(streams: readonly RenditionStream[]) {
  const [longest] = streams.toSorted((a, b) => b.nextMsn - a.nextMsn)
  for (const stream of streams)
    while (longest && stream.nextMsn < longest.nextMsn) {
      const segment = longest.window.find(stream.nextMsn)
      if (!segment) return
      stream.addGap(segment)
    }
}
