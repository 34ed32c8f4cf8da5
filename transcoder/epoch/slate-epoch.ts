import type { Log } from '../../core/process/log.ts'
import type { EpochSink, Presentation } from '../packager/packager.ts'
import { audioNames, type TranscodePlan } from '../plan/plan.ts'
import type { SlateMedia } from '../slate/slate-media.ts'
import { encodedVideoTrack, videoSampleOf } from './passed-media.ts'

export interface SlateEpochOptions {
  /** Number of the epoch in media paths; reserved in Redis. */
  number: number
  /** Plan of the epoch before, whose renditions show the slate. */
  plan: TranscodePlan
  media: SlateMedia
  /** Segment length in the settings (NOWCAST_SEGMENT_MS), ms: the time between keyframes of the slate. */
  segmentMs: number
  /** Returns the present session time, ms. */
  nowMs(): number
  presentation: Pick<Presentation, 'beginEpoch' | 'mediaEndMs'>
  log: Log
}

export type SlateEpoch = ReturnType<typeof startSlateEpoch>

const tickMs = 50
/**
 * Time by which the slate is behind the source's clock, ms. The media of the next publish begins where the
 * slate ends, so the slate must not reach its first frame.
 */
const lagMs = 250

/**
 * Publishes an epoch with the slate, again and again and with silence, until `end`. It needs no encoder. All
 * renditions of the epoch before must have ended.
 */
export function startSlateEpoch(options: SlateEpochOptions) {
  const { number, plan, media, segmentMs, nowMs, presentation, log } = options
  const names = [...plan.video.map(({ name }) => name), ...audioNames(plan)]
  const fromMs = startOf(options, names)
  const sink = presentation.beginEpoch({
    epoch: number,
    leader: 'observed',
    silent: audioNames(plan),
    frameMs: 1000 / media.fps,
    gopMs: segmentMs,
    onFailure: (rendition, error) => log.error({ err: error, rendition }, 'cannot package the slate'),
  })
  for (const name of names) {
    sink.join(name)
    const record = media.renditions.get(name)?.record
    if (record) sink.setTrack(name, encodedVideoTrack(record))
  }
  let frame = 0

  function tick() {
    const untilMs = nowMs() - lagMs
    for (; fromMs + ((frame + 1) * 1000) / media.fps <= untilMs; frame++)
      addFrame(sink, media, frame, Math.round(fromMs + (frame * 1000) / media.fps))
    sink.advance({ now: performance.now(), mediaMs: untilMs, isPictureFrozen: false })
  }

  const timer = setInterval(() => {
    try {
      tick()
    } catch (error) {
      // It would end the process. Without the slate, the picture stands still.
      clearInterval(timer)
      log.error({ err: error }, 'the slate ends')
    }
  }, tickMs)
  return {
    /** Session time up to which the slate has been published, ms. */
    get endMs(): number {
      return fromMs + (frame * 1000) / media.fps
    },
    /** Publishes no more of the slate. */
    hold: () => clearInterval(timer),
    /** Ends all renditions at `atMs`, ms of session time, where the next epoch begins. */
    end(atMs: number): void {
      clearInterval(timer)
      for (const name of names) sink.end(name, atMs)
    },
  }
}

/** Maximum number of segments of the slate that are published at once, for the time until it was due. */
const maxSegmentsAtOnce = 2

/**
 * Returns the time of the first frame, ms: where the media ends that is published, but not so early that more
 * than `maxSegmentsAtOnce` would be published at once.
 */
function startOf({ nowMs, segmentMs, presentation }: SlateEpochOptions, names: readonly string[]): number {
  const ends = names.map((name) => presentation.mediaEndMs(name) ?? Number.NEGATIVE_INFINITY)
  return Math.ceil(Math.max(nowMs() - lagMs - maxSegmentsAtOnce * segmentMs, ...ends))
}

/** Adds frame number `frame`, counted through all repetitions, to all renditions. */
function addFrame(sink: EpochSink, { fps, renditions }: SlateMedia, frame: number, atMs: number): void {
  let isObserved = false
  for (const [name, { frames }] of renditions) {
    const unit = frames[frame % frames.length]
    if (unit === undefined) continue
    if (!isObserved) sink.observe({ startMs: atMs, isSync: unit.packet === 'keyframe' })
    isObserved = true
    sink.add(name, videoSampleOf({ ...unit, ms: atMs }, fps))
  }
}
