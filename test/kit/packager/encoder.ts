import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { parseVideoConfig } from '../../../core/media/codec/video-config.ts'
import { describeAac, describeVideo, type EpochSink } from '../../../transcoder/packager/packager.ts'
import { createFlvReader } from '../../../transcoder/source/flv-reader.ts'
import { createUnitParser, type MediaUnit } from '../../../transcoder/source/media-unit.ts'

/**
 * A rendition of the test encoder. `copy` passes the video through, `audio` the audio. A number is the height
 * of encoded video, pixels.
 */
export interface EncodedRendition {
  name: string
  from: 'copy' | 'audio' | number
}

export interface EncoderOptions {
  /** Path of an FLV file. */
  source: string
  renditions: readonly EncodedRendition[]
  sink: EpochSink
  /** Duration that every video frame gets, ms. */
  frameMs: number
  /** Whether the file is read in real time, like a live source. */
  paced?: boolean
  /** More input options of ffmpeg. */
  more?: readonly string[]
}

const flv = [
  ...['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end'],
  ...['-flush_packets', '1', '-avoid_negative_ts', 'disabled'],
]

/**
 * Runs ffmpeg with a pipe per rendition, lets the renditions join the sink, and passes their frames to it.
 * `ended` resolves when all pipes are closed.
 */
export function startEncoder(options: EncoderOptions) {
  const { source, renditions, sink, frameMs, paced = false, more = [] } = options
  const ffmpeg = spawn('ffmpeg', encoderArguments(source, renditions, paced, more), {
    stdio: ['ignore', 'ignore', 'inherit', ...renditions.map(() => 'pipe' as const)],
  })
  // Frames wait until the first rendition has reached their time. Without pacing, an encoded frame could
  // otherwise come before the passed frame of the same time. No live encoder does that.
  const waiting: { name: string; unit: MediaUnit }[] = []
  let leadMs = Number.NEGATIVE_INFINITY
  const release = () => {
    const due = waiting.filter(({ unit }) => unit.packet === 'config' || unit.ms <= leadMs)
    for (const each of due) {
      waiting.splice(waiting.indexOf(each), 1)
      addUnit(sink, each.name, each.unit, frameMs)
    }
  }
  const ended = renditions.map(({ name }, index) => {
    const pipe = pipeOf(ffmpeg, index + 3)
    sink.join(name)
    const parse = createUnitParser(0)
    const reader = createFlvReader((tag) => {
      const unit = parse(tag)
      if (unit === undefined) return
      if (index > 0) waiting.push({ name, unit })
      else {
        addUnit(sink, name, unit, frameMs)
        if (unit.packet !== 'config') leadMs = unit.ms
      }
      release()
    })
    if (index === 0)
      pipe.once('close', () => {
        leadMs = Number.POSITIVE_INFINITY
        release()
      })
    pipe.on('data', (chunk: Buffer) => reader.push(chunk))
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
    ...renditions.flatMap(({ from }, index) => [...outputOf(from), ...flv, `pipe:${index + 3}`]),
  ]
}

function outputOf(from: EncodedRendition['from']): string[] {
  if (from === 'audio') return ['-map', '0:a', '-c:a', 'copy']
  if (from === 'copy') return ['-map', '0:v', '-c:v', 'copy']
  return [
    ...['-map', '0:v', '-vf', `scale=-2:${from}`, '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-tune', 'zerolatency', '-bf', '0', '-g', '600', '-sc_threshold', '0', '-threads', '1'],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000', '-force_key_frames', 'source'],
  ]
}

function pipeOf(ffmpeg: ChildProcess, index: number): Readable {
  const pipe = ffmpeg.stdio[index]
  if (!pipe || !('read' in pipe)) throw new Error(`ffmpeg has no pipe ${index}`)
  return pipe
}

/** Sample rate of the audio by name of the rendition, Hz. */
const rates = new Map<string, number>()

function addUnit(sink: EpochSink, name: string, unit: MediaUnit, frameMs: number) {
  const { packet, body, ms } = unit
  if (unit.kind === 'video') {
    const ticks = (time: number) => Math.round(time * 90)
    const compositionOffset = ticks(unit.compositionMs)
    if (packet === 'config') sink.setTrack(name, describeVideo('h264', parseVideoConfig('h264', body), body))
    else
      sink.add(name, {
        dts: ticks(ms),
        duration: ticks(frameMs),
        compositionOffset,
        data: body,
        isSync: packet === 'keyframe',
      })
    return
  }
  if (packet === 'config') {
    const described = describeAac(body)
    rates.set(name, described.track.timescale)
    return sink.setTrack(name, described)
  }
  const dts = Math.round((ms * (rates.get(name) ?? 48_000)) / 1000)
  sink.add(name, { dts, duration: 1024, compositionOffset: 0, isSync: true, data: body })
}
