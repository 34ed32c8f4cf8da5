import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFile, MP4BoxBuffer } from 'mp4box'
import { audioTagOf } from '../../core/media/flv-audio.ts'
import { audioTag, payloadOf, videoTag } from '../../core/media/flv-tag.ts'
import { videoTagOf } from '../../core/media/flv-video.ts'
import { audio, publishBytes, video } from './ingest/rtmp-bytes.ts'
import { connectRtmp } from './ingest/rtmp-client.ts'

const encoders = {
  hevc: [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=none:bframes=0',
    '-tag:v',
    'hvc1',
  ],
  av1: ['-c:v', 'libsvtav1', '-preset', '12', '-svtav1-params', 'lookahead=0:pred-struct=1'],
} as const
const configBoxes = { hevc: 'hvcC', av1: 'av1C' } as const
/** AAC-LC, 48 kHz, stereo. */
const aacRecord = Buffer.from('1190', 'hex')

export type EnhancedCodec = keyof typeof encoders

/** A message of enhanced RTMP. `ms` is its timestamp. */
export interface EnhancedMessage {
  type: number
  ms: number
  payload: Buffer
}

/**
 * Encodes a moving picture with a tone, by default for 25 s, as messages of enhanced RTMP: first the codec
 * headers, then the frames in the order of their times.
 */
export function encodeEnhanced(directory: string, codec: EnhancedCodec, seconds = 25): EnhancedMessage[] {
  const path = join(directory, `${codec}.mp4`)
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30'],
    ...[
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:sample_rate=48000',
      '-t',
      String(seconds),
      '-pix_fmt',
      'yuv420p',
    ],
    ...[...encoders[codec], '-g', '30', '-c:a', 'aac', '-ac', '2', '-f', 'mp4', path],
  ])
  const file = readFileSync(path)
  const header = {
    codec,
    packet: 'config',
    compositionTime: 0,
    body: boxOf(file, configBoxes[codec]),
  } as const
  const head = [
    { type: videoTag, ms: 0, payload: payloadOf(videoTagOf(header)) },
    { type: audioTag, ms: 0, payload: payloadOf(audioTagOf('aac', 'config', aacRecord)) },
  ]
  const frames: EnhancedMessage[] = []
  const mp4 = createFile()
  mp4.onReady = ({ tracks }) => {
    for (const track of tracks) mp4.setExtractionOptions(track.id, track.type, { nbSamples: 100_000 })
    mp4.start()
  }
  mp4.onSamples = (_id, kind, samples) => {
    for (const { dts, cts, timescale, is_sync, data } of samples) {
      const ms = Math.max(0, Math.round((dts * 1000) / timescale))
      const body = Buffer.from(data ?? [])
      const compositionTime = Math.round(((cts - dts) * 1000) / timescale)
      const packet = is_sync ? 'keyframe' : 'frame'
      const tag =
        kind === 'video'
          ? videoTagOf({ codec, packet, compositionTime, body })
          : audioTagOf('aac', 'frame', body)
      frames.push({ type: kind === 'video' ? videoTag : audioTag, ms, payload: payloadOf(tag) })
    }
  }
  mp4.appendBuffer(MP4BoxBuffer.fromArrayBuffer(Uint8Array.from(file).buffer, 0))
  mp4.flush()
  return [...head, ...frames.toSorted((a, b) => a.ms - b.ms)]
}

/**
 * Returns the body of the first box of a type.
 * @throws Error when there is none
 */
function boxOf(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type)
  if (at < 4) throw new Error(`no ${type} box`)
  return file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4))
}

/** Publishes 25 s of HEVC or AV1 by enhanced RTMP in real time. `stop` closes the connection. */
export async function startEnhancedPublisher(
  directory: string,
  codec: EnhancedCodec,
  { port, key }: { port: number; key: string },
) {
  const messages = encodeEnhanced(directory, codec)
  const client = await connectRtmp(port)
  client.send(publishBytes(key))
  await client.receives('NetStream.Publish.Start')
  const startedAt = performance.now()
  let next = 0
  const timer = setInterval(() => {
    const ms = performance.now() - startedAt
    for (let due = messages[next]; due && due.ms <= ms; due = messages[++next])
      client.send(due.type === videoTag ? video(due.payload, due.ms) : audio(due.payload, due.ms))
  }, 10)
  return {
    async stop(): Promise<void> {
      clearInterval(timer)
      client.socket.destroy()
      await client.closed
    },
  }
}
