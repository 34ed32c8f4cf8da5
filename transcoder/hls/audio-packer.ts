import { type ArrivedSample, type AudioFrames, createAudioFrames } from './audio-frames.ts'
import { initSegment } from './mp4/init-segment.ts'
import { MediaError } from './mp4/media-error.ts'
import type { AudioTrack } from './mp4/movie.ts'
import { silentMovie, silentTrack } from './mp4/silent-track.ts'
import type { Packer, PackerOutput } from './packer.ts'
import { createPartBuilder } from './part-builder.ts'
import type { Timeline } from './timeline.ts'

export interface AudioPackerOptions {
  timeline: Timeline
  output: PackerOutput
  /** `lead`: there is no picture, sound makes the cuts. `follow`: the picture does. `silent`: the same, and the sound is made here. */
  mode: 'lead' | 'follow' | 'silent'
  partTargetMs: number
  /** Media before this time is already published, ms; -Infinity for none. */
  floorMs: number
  /** Told once when sound comes after silence was put in its place for good: only another epoch can take it. */
  onLate: () => void
}

/** Sound that falls this far behind the picture, and of which nothing came for as long, has stopped; ms. */
const stoppedMs = 1000

/** Frames that may wait for the picture: about a minute. */
const maxQueued = 3000

/** Cuts the audio rendition: at the first frame at or after each boundary of the picture. */
export function createAudioPacker(options: AudioPackerOptions): Packer {
  const { timeline, output, mode, partTargetMs, floorMs, onLate } = options
  const createdAt = performance.now()
  const cuts = timeline.follow()
  const builder = createPartBuilder(partTargetMs, (part, arrivedAt) =>
    output.addPart(part, arrivedAt, cuts.endsSegmentAt(part.endMs)),
  )
  let early: ArrivedSample[] = []
  let queue: ArrivedSample[] = []
  let track: AudioTrack | undefined
  let frames: AudioFrames | undefined
  let lastArrival = createdAt
  let isFilling = false
  /** `silence`: none came, so it is made here. */
  let from: 'pipe' | 'silence' | 'pipe too late' = 'pipe'

  const ticksAt = (ms: number, of: AudioTrack) => Math.ceil((ms * of.timescale) / 1000 - 0.5)

  /** Sound begins where the picture does; where there is none, with its own first frame. */
  function start(of: AudioTrack) {
    const pictureMs = mode === 'lead' ? leadStart(of) : timeline.startMs
    if (pictureMs === undefined) return
    const startMs = Math.max(pictureMs, floorMs)
    frames = createAudioFrames(of, ticksAt(startMs, of), (frame) => queue.push(frame))
    for (const { sample, arrivedAt } of early) frames.add(sample, arrivedAt)
    early = []
  }

  function leadStart(of: AudioTrack) {
    const first = early.find(({ sample }) => (sample.dts * 1000) / of.timescale >= floorMs)
    return first && (first.sample.dts * 1000) / of.timescale
  }

  /** Takes a frame into the part it belongs to. */
  function pack({ sample, arrivedAt }: ArrivedSample, of: AudioTrack) {
    const toMs = 1000 / of.timescale
    const startMs = sample.dts * toMs
    if (mode === 'lead') timeline.observe({ startMs, endMs: startMs + sample.duration * toMs, isSync: true })
    for (let cut = takeCut(startMs); cut; cut = takeCut(startMs)) {
      if (cut.kind !== 'segment') continue
      builder.flush(of)
      output.beginSegment(cut, startMs)
    }
    builder.add(sample, arrivedAt)
    if ((builder.ticks + sample.duration) * toMs > partTargetMs + 0.01) builder.flush(of)
  }

  /** Cuts within half a ms after a frame's start belong before it. */
  const takeCut = (startMs: number) => cuts.take(startMs - 1.5)

  /**
   * Packs what can no longer be on the wrong side of a boundary: RFC 8216bis 6.2.4: "Matching content in Variant Streams and Renditions
   * MUST have matching Discontinuity Sequence Numbers", and players expect as much of the boundaries of segments.
   */
  function drain() {
    if (!track || queue.length === 0) return
    const { timescale } = track
    const isKnown = ({ sample }: ArrivedSample) =>
      mode === 'lead' || (sample.dts * 1000) / timescale < timeline.progressMs - 0.5
    const waiting = queue.findIndex((frame) => !isKnown(frame))
    const ready = waiting === -1 ? queue : queue.slice(0, waiting)
    queue = waiting === -1 ? [] : queue.slice(waiting)
    for (const frame of ready) pack(frame, track)
  }

  /** Makes silence where the picture has gone on without sound. */
  function fill(now: number) {
    if (!track || !frames?.canFill || mode === 'lead') return
    const progressTicks = ticksAt(timeline.progressMs, track)
    const behindMs = ((progressTicks - frames.nextTicks) * 1000) / track.timescale
    isFilling = now - lastArrival > stoppedMs && (isFilling || behindMs > stoppedMs)
    if (from !== 'pipe' || isFilling) frames.fillTo(progressTicks, now)
  }

  function takeSilence() {
    from = 'silence'
    track = silentTrack
    output.setTrack(silentTrack, initSegment(silentMovie()))
  }

  /** Whether the picture has gone on for a while and not even the header of the sound came. */
  const isMissing = (now: number) =>
    mode === 'follow' &&
    !track &&
    now - createdAt > stoppedMs &&
    timeline.progressMs - (timeline.startMs ?? Number.POSITIVE_INFINITY) > stoppedMs

  if (mode === 'silent') takeSilence()

  const packer: Packer = {
    onTrack(newTrack, init) {
      if (newTrack.kind !== 'audio') throw new MediaError('a picture in the audio rendition')
      if (from !== 'pipe') return
      track = newTrack
      output.setTrack(newTrack, init)
    },

    onSample(sample, arrivedAt) {
      if (from !== 'pipe') {
        if (from === 'silence') onLate()
        from = from === 'silence' ? 'pipe too late' : from
        return
      }
      lastArrival = arrivedAt
      if (frames) frames.add(sample, arrivedAt)
      else early.push({ sample, arrivedAt })
      if (early.length + queue.length > maxQueued) throw new MediaError('sound goes on without the picture')
      packer.advance(arrivedAt)
    },

    advance(now) {
      if (isMissing(now)) takeSilence()
      if (track && !frames) start(track)
      fill(now)
      drain()
    },

    end() {
      // Sound that ended a little before the picture: without this a rendition could lack the last segment.
      if (track && mode !== 'lead') frames?.fillTo(ticksAt(timeline.progressMs, track), performance.now())
      drain()
      if (track) builder.flush(track)
    },
  }

  return packer
}
