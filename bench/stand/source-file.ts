import { execFileSync } from 'node:child_process'
import { startProcess, type TestProcess } from '../../test/kit/processes.ts'

export interface SourceFileOptions {
  /** `1280x720` by default. */
  size?: string
  /** Frames per second, as ffmpeg reads it: 30, `30000/1001`. */
  fps?: string
  /** Distance between keyframes, frames (60). */
  gopFrames?: number
  /** Number of frames (480). */
  frames?: number
  /** Consecutive B-frames at most (0). */
  bFrames?: number
  /** Constant video bitrate, kbit/s (4000). */
  kbps?: number
  /** Filters of the picture; noise that fills the bitrate by default. */
  filter?: string
  /** Whether frames that a filter drops leave a hole; otherwise others are repeated. */
  isVariable?: boolean
  /** Sound, as an input of ffmpeg's lavfi at 48 kHz. */
  tone?: string
  /** More output options. */
  more?: readonly string[]
}

const audioFrame = 1024 / 48_000

/**
 * Encodes a file once, as FLV with AAC, so that publishers only copy. Picture and sound have the same length
 * if that is a whole number of audio frames, as 16 s is. Then the file can be repeated without a seam.
 */
export function encodeSourceFile(file: string, options: SourceFileOptions = {}): void {
  const { size = '1280x720', fps = '30', gopFrames = 60, frames = 480, bFrames = 0, kbps = 4000 } = options
  const {
    filter = 'noise=alls=40:allf=t',
    tone = 'sine=frequency=440:sample_rate=48000',
    more = [],
  } = options
  const [over, under = 1] = fps.split('/').map(Number)
  const seconds = (frames * under) / (over ?? Number.NaN)
  const rate = `${kbps}k`
  const gop = String(gopFrames)
  execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps},${filter}`],
    ...['-f', 'lavfi', '-i', tone, '-t', String(seconds), '-pix_fmt', 'yuv420p'],
    ...(options.isVariable ? ['-vsync', 'vfr'] : []),
    ...['-frames:a', String(Math.floor(seconds / audioFrame))],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', String(bFrames), '-sc_threshold', '0'],
    ...['-g', gop, '-keyint_min', gop, '-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-x264-params', 'nal-hrd=cbr', '-c:a', 'aac', '-b:a', '128k', ...more, '-f', 'flv', file],
  ])
}

/** Publishes a file again and again in real time, without encoding. */
export const publishFile = (file: string, url: string): TestProcess =>
  startProcess('ffmpeg', [
    ...['-loglevel', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file],
    ...['-c', 'copy', '-f', 'flv', url],
  ])
