import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { EpochSink } from '../../../transcoder/packager/packager.ts'

/** A rendition of the test encoder. `copy` passes the source through, a number is the height to encode. */
export interface EncodedRendition {
  name: string
  from: 'copy' | 'audio' | number
}

export interface EncoderOptions {
  /** Path of an FLV file. */
  source: string
  renditions: readonly EncodedRendition[]
  sink: EpochSink
  /** Whether to read in real time, as from a live source. */
  paced?: boolean
  more?: readonly string[]
}

const fragmented = [
  ...['-f', 'mp4', '-movflags', '+empty_moov+default_base_moof+frag_every_frame+frag_discont+skip_trailer'],
  ...['-use_editlist', '0', '-avoid_negative_ts', 'disabled', '-flush_packets', '1'],
]

/**
 * Runs ffmpeg with a pipe per rendition and writes their bytes to a sink. `ended` resolves when all pipes
 * have ended.
 */
export function startEncoder({ source, renditions, sink, paced = false, more = [] }: EncoderOptions) {
  const ffmpeg = spawn('ffmpeg', encoderArguments(source, renditions, paced, more), {
    stdio: ['ignore', 'ignore', 'inherit', ...renditions.map(() => 'pipe' as const)],
  })
  const ended = renditions.map(({ name }, index) => {
    const pipe = pipeOf(ffmpeg, index + 3)
    pipe.on('data', (chunk: Buffer) => sink.write(name, chunk))
    return new Promise<void>((resolve) => pipe.once('close', resolve))
  })
  return { pid: ffmpeg.pid, ended: Promise.all(ended), stop: () => ffmpeg.kill('SIGKILL') }
}

function encoderArguments(
  source: string,
  renditions: readonly EncodedRendition[],
  paced: boolean,
  more: readonly string[],
): string[] {
  const input = ['-copyts', '-flags', 'low_delay', '-i', source]
  return [
    ...['-v', 'error', '-threads', '1', ...(paced ? ['-re'] : []), ...more, ...input],
    ...renditions.flatMap(({ from }, index) => [...outputOf(from), ...fragmented, `pipe:${index + 3}`]),
  ]
}

function outputOf(from: EncodedRendition['from']): string[] {
  if (from === 'audio') return ['-map', '0:a', '-c:a', 'copy']
  if (from === 'copy') return ['-map', '0:v', '-c:v', 'copy', '-video_track_timescale', '90000']
  return [
    ...['-map', '0:v', '-vf', `scale=-2:${from}`, '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-tune', 'zerolatency', '-bf', '0', '-g', '600', '-sc_threshold', '0', '-threads', '1'],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000', '-force_key_frames', 'source'],
    ...['-video_track_timescale', '90000'],
  ]
}

function pipeOf(ffmpeg: ChildProcess, index: number): Readable {
  const pipe = ffmpeg.stdio[index]
  if (!pipe || !('read' in pipe)) throw new Error(`ffmpeg has no pipe ${index}`)
  return pipe
}
