import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export interface SourceOptions {
  seconds: number
  /** Frames per second, 30 by default; also a fraction such as `30000/1001`. */
  fps?: number | string
  /** Number of frames in a GOP, 60 by default. */
  gop?: number
  bFrames?: number
  size?: string
  audio?: boolean
  sampleRate?: number
  /** Video filter of ffmpeg, such as one that drops frames. */
  filter?: string
  /** Value of the option `-force_key_frames` of ffmpeg. */
  keyframes?: string
}

/** Encodes `<name>.flv` with a test picture, and with a tone unless `audio` is false. Returns its path. */
export function makeSource(directory: string, name: string, options: SourceOptions): string {
  const { seconds, fps = 30, gop = 60, bFrames = 0, size = '320x180', audio = true } = options
  const { sampleRate = 48_000, filter = 'null', keyframes } = options
  const path = join(directory, `${name}.flv`)
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...(audio ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}`] : []),
    ...['-t', String(seconds), '-vf', filter, '-fps_mode', 'passthrough', '-enc_time_base:v', '1:1000'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', String(bFrames)],
    ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'],
    ...(keyframes ? ['-force_key_frames', keyframes] : []),
    ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : []),
    ...['-f', 'flv', path],
  ])
  return path
}
