import { startProcess, type TestProcess } from './processes.ts'

export interface PublishOptions {
  /** Full RTMP URL, which ends with the stream key. */
  url: string
  /** Width and height, pixels; `1280x720` by default. */
  size?: string
  fps?: number
  /** Time between keyframes, s; 1 by default. */
  gopSeconds?: number
  bFrames?: number
  /** Number of audio channels; 0 for no sound, 2 by default. */
  audioChannels?: 0 | 1 | 2
  /** Video bitrate, bits/s; 1.5 M by default. */
  videoBitrate?: number
  /** Length of the stream, s. By default the publisher runs until it is stopped. */
  seconds?: number
  /** More output options of ffmpeg, placed before the URL. */
  more?: readonly string[]
}

/** Starts an ffmpeg that publishes an animated test picture and a tone in real time. */
export const startPublisher = (options: PublishOptions): TestProcess =>
  startProcess('ffmpeg', publishArguments(options))

/** Returns the arguments of such an ffmpeg. */
export function publishArguments(options: PublishOptions): string[] {
  const { url, size = '1280x720', fps = 30, gopSeconds = 1, bFrames = 0, audioChannels = 2 } = options
  const gop = String(Math.round(fps * gopSeconds))
  const bitrate = String(options.videoBitrate ?? 1_500_000)
  const sound = audioChannels > 0
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'warning'],
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...(sound ? ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'] : []),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', bFrames > 0 ? 'main' : 'baseline'],
    ...['-pix_fmt', 'yuv420p', '-bf', String(bFrames), '-g', gop, '-keyint_min', gop, '-sc_threshold', '0'],
    ...['-b:v', bitrate, '-maxrate', bitrate, '-bufsize', bitrate],
    ...(sound ? ['-c:a', 'aac', '-b:a', '128k', '-ac', String(audioChannels)] : ['-an']),
    ...(options.seconds === undefined ? [] : ['-t', String(options.seconds)]),
    ...(options.more ?? []),
    ...['-f', 'flv', url],
  ]
}
