import { setTimeout as delay } from 'node:timers/promises'
import type { VideoSource } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'
import type { FfmpegVersion } from '../../core/programs/ffmpeg-version.ts'
import type { FfmpegBox } from '../encoder/box/ffmpeg-box.ts'
import { rawVideoJob, type X264Preset } from '../encoder/ffmpeg-job.ts'
import { startFfmpeg } from '../encoder/process.ts'
import { encodeWorkOf, sumOf } from '../plan/encode-work.ts'
import type { Ladder } from '../plan/ladder.ts'
import { encodedVideo, planTranscode } from '../plan/plan.ts'
import { createFlvReader } from '../source/flv-reader.ts'

export interface MeasureOptions {
  box: FfmpegBox
  version: FfmpegVersion
  preset: X264Preset
  ladder: Ladder
  log: Log
}

/** Time for which the ladder is encoded, ms. */
const measureMs = 3000
/** Maximum time from the start of ffmpeg to its first frame, ms. */
const startMs = 5000
/**
 * Part of what was measured that sessions may use. The rest is for decoding their sources, for pictures that
 * are harder to encode, and for the other programs of the machine.
 */
const usableShare = 0.6
/** Interval at which ffmpeg gets more frames, and number of frames that may wait for it. */
const [feedMs, maxWaitingFrames] = [5, 16]
/** Number of different frames. They repeat. */
const differentFrames = 12

const source: VideoSource = {
  ...{ codec: 'h264', codecString: null, width: 1280, height: 720, fps: 30 },
  ...{ isBrowserFriendly: false, gopMs: null, bitrate: 0, pixelAspect: 1, bitDepth: 8 },
  ...{ chroma: '4:2:0', isInterlaced: false, transfer: 'sdr' },
}

/** Returns frames in 4:2:0 with a texture that moves by some pixels from each to the next. */
function createFrames({ width, height }: VideoSource): Buffer[] {
  return Array.from({ length: differentFrames }, (_, index) => {
    const frame = Buffer.alloc(width * height * 1.5, 128)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const [left, top] = [x + 6 * index, y + 2 * index]
        frame[y * width + x] = 40 + ((((left >> 3) * 37) ^ ((top >> 3) * 73)) % 176)
      }
    return frame
  })
}

/**
 * Encodes the ladder of a 720p30 source for 3 s, as fast as possible. Returns the work that sessions may do,
 * whole megapixels/s and at least 1; undefined when ffmpeg fails.
 */
export async function measureCapacity(options: MeasureOptions): Promise<number | undefined> {
  const { box, log, ladder } = options
  const planned = { video: source, audio: null, bitrate: 0, jitterMs: 0, clockCorrections: {} }
  const whole = { ...planned, ignoredTracks: [], isNearBitrateLimit: false }
  const plan = planTranscode(whole, { ladder, followsSource: false, fillsParts: () => true })
  const frames = createFrames(source)
  const ffmpeg = startFfmpeg({ box, log, stallMs: startMs, job: rawVideoJob(plan, source, options) })
  let firstAt: number | undefined
  let encoded = 0
  const reader = createFlvReader(() => {
    firstAt ??= performance.now()
    encoded += 1
  })
  const names = encodedVideo(plan).map(({ name }) => name)
  for (const name of names) ffmpeg.open(name, name === names.at(-1) ? reader.push : () => {})

  const end = { isThere: false }
  void ffmpeg.ended.then(() => (end.isThere = true))
  const startedAt = performance.now()
  const isOver = (now: number) =>
    now - (firstAt ?? startedAt) >= (firstAt === undefined ? startMs : measureMs)
  for (let next = 0; !end.isThere && !isOver(performance.now()); ) {
    const frame = frames[next % frames.length] as Buffer
    if (ffmpeg.queuedBytes < maxWaitingFrames * frame.length) {
      ffmpeg.write(frame)
      next += 1
    } else await delay(feedMs)
  }
  const seconds = (performance.now() - (firstAt ?? 0)) / 1000
  const isMeasured = !end.isThere && firstAt !== undefined
  ffmpeg.stop()
  await ffmpeg.ended
  if (!isMeasured) return undefined
  const workPerFrame = sumOf(encodeWorkOf(plan).renditions) / plan.fps
  return Math.max(1, Math.floor((usableShare * encoded * workPerFrame) / seconds))
}
