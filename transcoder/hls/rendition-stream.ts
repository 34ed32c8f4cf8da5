import { createBandwidthMeter } from './bandwidth.ts'
import type { TrackPlan } from './interface.ts'
import type { Track } from './mp4/movie.ts'
import { openSegment, type Part, type Segment, type SegmentStart } from './segment.ts'
import { createSegmentWindow, type WindowOptions } from './segment-window.ts'
import { createWaitList } from './wait-list.ts'

export interface StreamOptions extends WindowOptions {
  plan: TrackPlan
  startMsn: number
  /** Whether viewers are shown parts. */
  hasParts: boolean
  /** Called after each publication. */
  onPublish: () => void
}

/** Where a part stands. */
export interface PartPlace {
  epoch: number
  msn: number
  part: number
}

export type RenditionStream = ReturnType<typeof createRenditionStream>

/** All that viewers can have of one rendition. Every method that publishes does it in one step. */
export function createRenditionStream(options: StreamOptions) {
  const { plan, targetDuration, hasParts } = options
  const window = createSegmentWindow(options)
  const meter = createBandwidthMeter(targetDuration)
  // RFC 8216bis 6.2.5.2: "A Server that cannot provide the requested Playlist after blocking for more than three Target Durations
  // SHOULD return Service Unavailable, such as HTTP 503."
  const waits = createWaitList({ holdMs: 3 * targetDuration * 1000 })
  const inits = new Map<number, Buffer>()
  let track: Track | undefined
  let epoch = 0
  let open: Segment | undefined
  let nextMsn = options.startMsn
  let endMs: number | undefined
  let hintsNextSegment = false
  let isEnded = false

  /** First the news, then those who wait for it: what they are given must not be what was rendered before. */
  function published() {
    options.onPublish()
    waits.review()
  }

  function list(segment: Segment) {
    window.add(segment)
    meter.add(segment)
    nextMsn = segment.msn + 1
    for (const known of inits.keys()) if (known !== epoch && !window.holdsEpoch(known)) inits.delete(known)
  }

  return {
    plan,
    hasParts,
    waits,
    window,

    /** The segment that grows. */
    get open() {
      return open
    },
    get track() {
      return track
    },
    /** MSN of the next segment to be whole. */
    get nextMsn() {
      return nextMsn
    },
    /** End of the published media, ms in the source's timestamps. */
    get endMs() {
      return endMs
    },
    get isEnded() {
      return isEnded
    },
    /** Whether there is something to play. */
    get isPlayable() {
      return window.listed.length > 0 || (hasParts && open !== undefined && open.parts.length > 0)
    },
    get bandwidth() {
      return meter.measure(open)
    },

    /** The part that viewers may ask for before it is there; undefined when none will come. */
    get hint(): PartPlace | undefined {
      if (!hasParts || isEnded || epoch === 0) return undefined
      if (open && !hintsNextSegment) return { epoch, msn: open.msn, part: open.parts.length }
      return { epoch, msn: open ? open.msn + 1 : nextMsn, part: 0 }
    },

    /** Makes `newEpoch` the one that new segments belong to; what was hinted before will not come. */
    beginEpoch(newEpoch: number): void {
      epoch = newEpoch
      published()
    },

    setTrack(newTrack: Track, init: Buffer): void {
      track = newTrack
      inits.set(epoch, init)
    },

    /** Opens a segment; the one before must be closed. */
    openSegment(start: SegmentStart): void {
      open = openSegment(start)
      hintsNextSegment = false
    },

    /** Publishes a part of the open segment; `expectsSegment`: it is probably the segment's last. */
    addPart(part: Part, expectsSegment: boolean): void {
      if (!open) return
      open.parts.push(part)
      open.durationMs += part.durationMs
      endMs = part.endMs
      hintsNextSegment = expectsSegment
      if (hasParts) published()
    },

    /** Closes the open segment as it is. One without media is taken back, unless `gapMs` says how much is missing: then it is a gap. */
    closeSegment(gapMs?: number): void {
      const segment = open
      open = undefined
      hintsNextSegment = false
      if (!segment) return
      if (segment.parts.length > 0) list(segment)
      else if (gapMs !== undefined) list({ ...segment, isGap: true, durationMs: gapMs })
      published()
    },

    /** Publishes a gap in place of a segment that another rendition has and this one never got. */
    addGap(segment: Segment): void {
      const lateMs = Math.max(0, (endMs ?? segment.startMs) - segment.startMs)
      list({
        ...segment,
        startMs: segment.startMs + lateMs,
        date: segment.date + lateMs,
        durationMs: Math.max(0, segment.durationMs - lateMs),
        parts: [],
        isGap: true,
      })
      published()
    },

    end(): void {
      isEnded = true
      published()
    },

    init: (ofEpoch: number) => inits.get(ofEpoch),

    /** A whole segment. */
    segment(ofEpoch: number, msn: number): Segment | undefined {
      const segment = window.find(msn)
      return segment?.epoch === ofEpoch && !segment.isGap ? segment : undefined
    },

    /** A published part. */
    part(place: PartPlace): Part | undefined {
      if (!hasParts) return undefined
      const segment = open?.msn === place.msn ? open : window.find(place.msn)
      return segment?.epoch === place.epoch ? segment.parts[place.part] : undefined
    },
  }
}
