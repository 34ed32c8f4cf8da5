import { execFileSync } from 'node:child_process'
import { startProcess, type TestProcess } from '../../test/kit/processes.ts'

export interface SourceFileOptions {
  /** Size of the picture; `1280x720` by default. */
  size?: string
  /** Frames per second, in ffmpeg's notation: a number or a fraction such as `30000/1001`; 30 by default. */
  fps?: string
  /** Number of frames from keyframe to keyframe; 60 by default. */
  gopFrames?: number
  /** Length of the file in frames of `fps`; 480 by default. */
  frames?: number
  /** Maximum number of consecutive B-frames; 0 by default. */
  bFrames?: number
  /** Constant bitrate of the video, kbit/s; 4000 by default. */
  kbps?: number
  /** Filters of the picture. By default they add noise, which makes the encoder use the whole bitrate. */
  filter?: string
  /** Whether a frame that a filter drops stays missing. Otherwise ffmpeg repeats the one before. */
  isVariable?: boolean
  /** Sound as an input of ffmpeg's lavfi, 48 kHz; a sine by default. */
  tone?: string
  /** Further options of ffmpeg for the output. */
  more?: readonly string[]
}

const audioFrame = 1024 / 48_000

/**
 * Encodes an FLV file with H.264 and AAC, so that publishers need not encode. If picture and sound last a
 * whole number of audio frames, as 16 s do, the file can be repeated without a seam.
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

/** Publishes a file in a loop, in real time and without encoding. */
export const publishFile = (file: string, url: string): TestProcess =>
  startProcess('ffmpeg', [
    ...['-loglevel', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file],
    ...['-c', 'copy', '-f', 'flv', url],
  ])
