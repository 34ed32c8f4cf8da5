import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { FfmpegVersion } from '../../core/programs/ffmpeg-version.ts'
import type { FfmpegBox } from '../encoder/box/ffmpeg-box.ts'
import { createEncoderInput, type EncoderInput } from '../encoder/encoder-input.ts'
import { startFfmpeg } from '../encoder/process.ts'
import { createFailureBudget } from '../encoder/retry-policy.ts'
import type { VideoUnit } from '../source/media-unit.ts'
import type { SourceTracks, SourceVideo } from '../source/source-tracks.ts'
import { createJpegReader } from './jpeg-reader.ts'
import { pictureJob, pictureOutput } from './picture-job.ts'

export interface SessionPicturesOptions {
  box: FfmpegBox
  version: FfmpegVersion
  /** Time between two pictures, ms; 0: there are none. */
  everyMs: number
  tracks: Pick<SourceTracks, 'video' | 'gop'>
  /** Receives each picture as JPEG. */
  onPicture(jpeg: Buffer): void
  log: Log
}

/** Time without a picture, ms, after which ffmpeg counts as hung if it receives keyframes. */
const stallMs = 20_000
/** Maximum size of keyframes that ffmpeg has not read, bytes. With more, pictures are left out. */
const maxQueuedBytes = 8 * 1024 * 1024
/** Maximum number of failures within `failureWindowMs`. After one more, there are no further pictures. */
const [maxFailures, failureWindowMs] = [3, 600_000]

/**
 * Number of frames that the decoder keeps where the source reorders frames, as encoders usually do. A
 * keyframe is written as many more times, so that its picture does not come with the next ones.
 */
const reorderedFrames = 2

/** One run of ffmpeg, for as long as the configuration of the video stays the same. */
interface Run {
  video: SourceVideo
  input: EncoderInput
  ffmpeg: ReturnType<typeof startFfmpeg>
}

/**
 * Makes pictures of a session from keyframes of its source. One ffmpeg stays ready for them, because its
 * start costs more than ten pictures do.
 */
export function createSessionPictures(options: SessionPicturesOptions) {
  const { tracks, everyMs, log } = options
  const budget = createFailureBudget(maxFailures, failureWindowMs)
  let run: Run | undefined
  let shownMs = Number.NaN
  let dueAt = everyMs > 0 ? 0 : Number.POSITIVE_INFINITY

  function start(video: SourceVideo): Run {
    const { width, height } = video.format
    const input = createEncoderInput({ kind: 'video', ...video, video: { width, height } })
    const job = pictureJob(input.format, options.version)
    const ffmpeg = startFfmpeg({ box: options.box, job, stallMs, log })
    const reader = createJpegReader(options.onPicture)
    ffmpeg.open(pictureOutput, (chunk) => {
      try {
        reader.push(chunk)
      } catch (error) {
        ffmpeg.fail(`its pictures cannot be read: ${messageOf(error)}`)
      }
    })
    ffmpeg.write(input.head())
    const started = { video, input, ffmpeg }
    void ffmpeg.ended.then((end) => {
      if (run !== started) return
      run = undefined
      if (budget.spend(performance.now())) return
      dueAt = Number.POSITIVE_INFINITY
      log.warn({ detail: end.kind === 'failed' ? end.detail : end.kind }, 'the session has no more pictures')
    })
    return started
  }

  function stop() {
    run?.ffmpeg.stop()
    run = undefined
  }

  function show(video: SourceVideo, keyframe: VideoUnit) {
    if (run?.video !== video) stop()
    run ??= start(video)
    if (run.ffmpeg.queuedBytes > maxQueuedBytes) return
    const frame = run.input.frame(keyframe)
    const times = keyframe.compositionMs > 0 ? reorderedFrames + 1 : 1
    for (let count = 0; count < times; count++) run.ffmpeg.write(frame)
  }

  return {
    /**
     * Makes a picture of the newest keyframe when one is due. Never throws: a session does not end because it
     * has no pictures. To be called often; `now` in ms.
     */
    tick(now: number): void {
      const { video } = tracks
      const [keyframe] = tracks.gop
      if (now < dueAt || video === undefined || keyframe === undefined || keyframe.ms === shownMs) return
      dueAt = now + everyMs
      shownMs = keyframe.ms
      try {
        show(video, keyframe)
      } catch (error) {
        dueAt = Number.POSITIVE_INFINITY
        log.error({ err: error }, 'the session has no more pictures')
      }
    },
    /** Ends ffmpeg. No more pictures follow. */
    close(): void {
      dueAt = Number.POSITIVE_INFINITY
      stop()
    },
  }
}
