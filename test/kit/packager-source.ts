import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export interface SourceOptions {
  seconds: number
  /** 30 by default; `30000/1001` works too. */
  fps?: number | string
  /** Frames in a GOP (2 s by default). */
  gop?: number
  bFrames?: number
  size?: string
  sound?: boolean
  sampleRate?: number
  /** More filters on the picture, such as one that drops frames. */
  filter?: string
  keyframes?: string
}

/** Makes an FLV file as an encoder would send it; gives its path. */
export function makeSource(directory: string, name: string, options: SourceOptions): string {
  const { seconds, fps = 30, gop = 60, bFrames = 0, size = '320x180', sound = true } = options
  const { sampleRate = 48_000, filter = 'null', keyframes } = options
  const path = join(directory, `${name}.flv`)
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...(sound ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}`] : []),
    ...['-t', String(seconds), '-vf', filter, '-fps_mode', 'passthrough', '-enc_time_base:v', '1:1000'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', String(bFrames)],
    ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'],
    ...(keyframes ? ['-force_key_frames', keyframes] : []),
    ...(sound ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : []),
    ...['-f', 'flv', path],
  ])
  return path
}
