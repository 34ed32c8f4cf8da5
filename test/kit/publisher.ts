import { startProcess, type TestProcess } from './processes.ts'

export interface PublishOptions {
  /** Whole RTMP URL with the stream key at its end. */
  url: string
  /** `1280x720` by default. */
  size?: string
  fps?: number
  /** Distance of keyframes, s (1). */
  gopSeconds?: number
  bFrames?: number
  /** Channels of the sound: 2, 1, or 0 for none. */
  audioChannels?: 0 | 1 | 2
  /** Bits/s of the picture (1.5 M). */
  videoBitrate?: number
  /** Ends by itself after so many seconds; otherwise it runs until stopped. */
  seconds?: number
  /** More output options of ffmpeg, put before the URL. */
  more?: readonly string[]
}

/** Publishes ffmpeg's moving test picture and a tone in real time, as an encoder would. */
export function startPublisher(options: PublishOptions): TestProcess {
  const { url, size = '1280x720', fps = 30, gopSeconds = 1, bFrames = 0, audioChannels = 2 } = options
  const gop = String(Math.round(fps * gopSeconds))
  const bitrate = String(options.videoBitrate ?? 1_500_000)
  const sound = audioChannels > 0
  return startProcess('ffmpeg', [
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
  ])
}
