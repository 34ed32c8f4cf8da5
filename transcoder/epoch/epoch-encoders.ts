import type { Log } from '../../core/process/log.ts'
import type { FfmpegVersion } from '../../core/programs/ffmpeg-version.ts'
import { Encoder, type EncoderOptions } from '../encoder/encoder.ts'
import { createEncoderInput } from '../encoder/encoder-input.ts'
import type { FfmpegSettings } from '../encoder/encoder-run.ts'
import { audioJob, videoJob, type X264Preset } from '../encoder/ffmpeg-job.ts'
import { createRetryPolicy } from '../encoder/retry-policy.ts'
import { untilGrid } from '../encoder/timed-keyframes.ts'
import { type EpochSink, stereoTrack } from '../packager/packager.ts'
import { audioName, encodedVideo, passedVideo, type TranscodePlan } from '../plan/plan.ts'
import { type MediaUnit, shownAtMs } from '../source/media-unit.ts'
import type { SourceAudio, SourceTracks, SourceVideo } from '../source/source-tracks.ts'
import { audioSampleOf, encodedVideoTrack, videoSampleOf } from './passed-media.ts'

/** Settings and callbacks that all encoders of a session share. */
export interface EncoderFactory {
  ffmpeg: FfmpegSettings
  version: FfmpegVersion
  preset: X264Preset
  /** Time between timed keyframes, ms. */
  segmentMs: number
  metrics: EncoderOptions['metrics']
  log: Log
  /** Called when ffmpeg failed too often, unless there is passed video, with which viewers can continue. */
  onFailed(detail: string): void
}

/** What an encoder needs from its epoch. */
interface EpochOfEncoder<Track> {
  track: Track
  tracks: SourceTracks
  plan: TranscodePlan
  /** Earliest presentation time of the first frame, ms. */
  fromMs: number
  /** Returns the packager's input for this epoch; undefined until the epoch publishes. */
  sinkOf: () => EpochSink | undefined
  onFinished: (rendition: string) => void
}

/** Starts the encoder of the video renditions. Returns undefined when the plan encodes none. */
export function startVideoEncoder(
  factory: EncoderFactory,
  { track, tracks, plan, fromMs, sinkOf, onFinished }: EpochOfEncoder<SourceVideo>,
): Encoder | undefined {
  const renditions = encodedVideo(plan).map(({ name }) => name)
  if (renditions.length === 0) return undefined
  const { width, height } = track.format
  const input = createEncoderInput({ kind: 'video', ...track, video: { width, height } })
  const grid = { originMs: fromMs, everyMs: factory.segmentMs }
  const firstShownMs = (fromMs: number) =>
    Math.min(...tracks.gop.map(shownAtMs).filter((shown) => shown >= fromMs), Number.POSITIVE_INFINITY)

  return new Encoder({
    ...commonOptions(factory, plan),
    renditions,
    input,
    fromMs,
    backlog: () => tracks.gop,
    jobFrom(fromMs) {
      const firstMs = firstShownMs(fromMs)
      const first = untilGrid(grid, Number.isFinite(firstMs) ? firstMs : fromMs)
      return videoJob(plan, {
        ...factory,
        input: input.format,
        fromMs,
        keyframesMs: { first, every: factory.segmentMs },
      })
    },
    onUnit: (rendition, unit) => publishVideo(sinkOf(), rendition, unit, plan.fps),
    receivedMs: () => leastReceivedMs(sinkOf(), renditions),
    onFinished,
  })
}

/** Starts the encoder of the audio rendition. */
export function startAudioEncoder(
  factory: EncoderFactory,
  { track, tracks, plan, fromMs, sinkOf, onFinished }: EpochOfEncoder<SourceAudio>,
): Encoder {
  const { sampleRate, channels } = track.format
  const input = createEncoderInput({ kind: 'audio', ...track, audio: { sampleRate, channels } })
  return new Encoder({
    ...commonOptions(factory, plan),
    renditions: [audioName],
    input,
    fromMs,
    backlog: () => tracks.newestAudio,
    jobFrom: () => audioJob(audioName, input.format),
    onUnit(rendition, unit) {
      // The packager does not need the configuration: it is always that of `stereoTrack`.
      if (unit.packet !== 'config') sinkOf()?.add(rendition, audioSampleOf(unit, stereoTrack.track))
    },
    receivedMs: () => leastReceivedMs(sinkOf(), [audioName]),
    onFinished,
  })
}

function commonOptions({ ffmpeg, metrics, log, onFailed }: EncoderFactory, plan: TranscodePlan) {
  return {
    ffmpeg,
    metrics,
    log,
    retries: createRetryPolicy(),
    onTooManyFailures(detail: string): boolean {
      // Viewers can continue with the passed video.
      if (passedVideo(plan) !== undefined) return true
      onFailed(detail)
      return false
    },
  }
}

function publishVideo(sink: EpochSink | undefined, rendition: string, unit: MediaUnit, fps: number) {
  if (unit.kind !== 'video') return
  if (unit.packet !== 'config') return sink?.add(rendition, videoSampleOf(unit, fps))
  sink?.setTrack(rendition, encodedVideoTrack(unit.body))
}

/**
 * Returns the time up to which all renditions have received media, ms; undefined while one has received none.
 */
function leastReceivedMs(sink: EpochSink | undefined, renditions: readonly string[]): number | undefined {
  const ends = renditions.map((rendition) => sink?.receivedMs(rendition))
  return ends.some((end) => end === undefined) ? undefined : Math.min(...(ends as number[]))
}
