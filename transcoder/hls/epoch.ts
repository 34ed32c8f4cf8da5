import { createAudioPacker } from './audio-packer.ts'
import type { EpochOptions, EpochSink } from './interface.ts'
import { createTrackReader } from './mp4/track-reader.ts'
import type { Packer, PackerOutput } from './packer.ts'
import type { Pieces } from './pieces.ts'
import type { ProgramClock } from './program-clock.ts'
import type { RenditionStream } from './rendition-stream.ts'
import { type Cut, createTimeline } from './timeline.ts'
import { createVideoPacker } from './video-packer.ts'

export interface EpochContext {
  streams: ReadonlyMap<string, RenditionStream>
  clock: ProgramClock
  pieces: Pieces
  partTargetMs: number
  frameMs: number
  firstMsn: number
  /** Whether the first segment follows others that viewers may know. */
  isContinuation: boolean
  /** Media of a rendition before this time is already published, ms; -Infinity for none. */
  floorOf: (stream: RenditionStream) => number
  onPart: (stream: RenditionStream, arrivedAt: number) => void
}

/** One run of ffmpeg on its way into the presentation. Ends by `end`, or by itself when the bytes make no sense. */
export function createEpoch(options: EpochOptions, context: EpochContext): EpochSink {
  const { streams, clock, pieces, partTargetMs, frameMs, floorOf, firstMsn } = context
  const hasVideo = [...streams.values()].some((stream) => stream.plan.kind === 'video')
  const timeline = createTimeline({
    ...pieces,
    partTargetMs,
    frameMs,
    gopMs: options.gopMs ?? 0,
    firstMsn,
  })

  function outputOf(stream: RenditionStream): PackerOutput {
    return {
      setTrack: stream.setTrack,
      beginSegment(cut, startMs) {
        stream.closeSegment(startMs - (stream.open?.startMs ?? startMs))
        stream.openSegment({
          msn: cut.msn,
          epoch: options.epoch,
          startMs,
          date: clock.dateOf(startMs),
          hasDiscontinuity: needsDiscontinuity(cut),
        })
      },
      addPart(part, arrivedAt, isLast) {
        stream.addPart(part, isLast)
        context.onPart(stream, arrivedAt)
      },
    }
  }

  /** RFC 8216bis 6.2.1: "Any changes in encoding parameters … or timing information MUST be signalled by the use of EXT-X-DISCONTINUITY." */
  const needsDiscontinuity = (cut: Cut) => cut.isJump || (cut.msn === firstMsn && context.isContinuation)

  function packerOf(stream: RenditionStream): Packer {
    const output = outputOf(stream)
    const floorMs = floorOf(stream)
    if (stream.plan.kind === 'video')
      return createVideoPacker({
        ...{ timeline, output, partTargetMs, floorMs, frameMs },
        maxFrameMs: pieces.maxSegmentMs,
      })
    const mode = options.audio === 'silent' ? 'silent' : hasVideo ? 'follow' : 'lead'
    const onLate = () => options.onAudioLate?.()
    return createAudioPacker({ timeline, output, mode, partTargetMs, floorMs, onLate })
  }

  let state: 'running' | 'ended' = 'running'
  let hasFailed = false
  let arrivedAt = 0
  const packers = new Map([...streams].map(([name, stream]) => [name, packerOf(stream)]))
  const readers = new Map(
    [...packers].map(([name, packer]) => [
      name,
      createTrackReader({
        onTrack: packer.onTrack,
        onSample: (sample) => packer.onSample(sample, arrivedAt),
      }),
    ]),
  )

  /** After bytes that made no sense, what is held back may make none either: then it is lost. */
  function endPacker(packer: Packer) {
    try {
      packer.end()
    } catch (error) {
      fail(error)
    }
  }

  function fail(error: unknown) {
    const isFirst = !hasFailed
    hasFailed = true
    end()
    if (isFirst) options.onFailure?.(error instanceof Error ? error : new Error(String(error)))
  }

  function end() {
    if (state === 'ended') return
    state = 'ended'
    for (const packer of packers.values()) endPacker(packer)
    for (const stream of streams.values()) stream.closeSegment()
    fillGaps([...streams.values()])
  }

  return {
    write(name, chunk) {
      if (state === 'ended') return
      arrivedAt = performance.now()
      try {
        readers.get(name)?.push(chunk)
        for (const [other, packer] of packers) if (other !== name) packer.advance(arrivedAt)
      } catch (error) {
        fail(error)
      }
    },
    end,
  }
}

/** Gives every rendition the segments that only some got before the end, so that media sequence numbers stay aligned. */
function fillGaps(streams: readonly RenditionStream[]) {
  const [longest] = streams.toSorted((a, b) => b.nextMsn - a.nextMsn)
  for (const stream of streams)
    while (longest && stream.nextMsn < longest.nextMsn) {
      const segment = longest.window.find(stream.nextMsn)
      if (!segment) return
      stream.addGap(segment)
    }
}
