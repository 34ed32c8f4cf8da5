import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { audioPacketOf } from '../../../core/media/flv-audio.ts'
import {
  audioTag,
  endOfSession,
  flvHeader,
  scriptTag,
  tagTypeAt,
  timestampAt,
  videoTag,
} from '../../../core/media/flv-tag.ts'
import { videoPacketOf } from '../../../core/media/flv-video.ts'
import { createFlvReader } from '../../../transcoder/source/flv-reader.ts'

export interface FlvSourceOptions {
  /** Arguments of ffmpeg before the output, which is FLV on stdout. */
  args: readonly string[]
  /** Bearer token that each pull must send. */
  secret: string
}

export interface TestVideoOptions {
  size?: string
  fps?: number
  gop?: number
  bFrames?: number
  /** Number of channels of the tone; 0 for no audio. */
  channels?: number
  seconds?: number
  /** More output options of ffmpeg. */
  more?: readonly string[]
}

/** Returns arguments of ffmpeg, without the output, for a moving test image with a tone in real time. */
export function testVideoArgs(options: TestVideoOptions): string[] {
  const { size = '640x360', fps = 30, gop = fps, bFrames = 0, channels = 2, seconds = 60 } = options
  return [
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...(channels > 0 ? ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'] : []),
    ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-bf', String(bFrames), '-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'],
    ...(bFrames > 0 ? [] : ['-tune', 'zerolatency']),
    ...(channels > 0 ? ['-c:a', 'aac', '-b:a', '128k', '-ac', String(channels)] : []),
    ...(options.more ?? []),
  ]
}

export type FlvSource = Awaited<ReturnType<typeof startFlvSource>>

/**
 * Serves the output of an ffmpeg as an ingest does: FLV over HTTP from the newest keyframe on, to any number
 * of pulls. The responses end when ffmpeg ends. Resolves when the first frame is available.
 */
export async function startFlvSource({ args, secret }: FlvSourceOptions) {
  const ffmpeg = spawnFlv(args)
  const pulls = new Set<ServerResponse>()
  const firstFrame = Promise.withResolvers<void>()
  const head = createStreamHead()
  let requests = 0

  const reader = createFlvReader((tag) => {
    if (head.add(tag)) firstFrame.resolve()
    for (const pull of pulls) pull.write(tag)
  })
  ffmpeg.stdout?.on('data', reader.push)
  const over = new Promise<void>((resolve) => {
    ffmpeg.once('close', () => {
      for (const pull of pulls) pull.end(endOfSession)
      resolve()
    })
  })

  const server = createServer((request, response) => {
    requests++
    if (request.headers.authorization !== `Bearer ${secret}`) return void response.writeHead(401).end()
    if (ffmpeg.exitCode !== null || ffmpeg.signalCode !== null) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'video/x-flv' })
    response.write(head.bytes())
    pulls.add(response)
    response.on('close', () => pulls.delete(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await firstFrame.promise

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.flv`,
    /** Resolves when ffmpeg has ended. */
    over,
    /** Number of requests so far, refused ones included. */
    get requests(): number {
      return requests
    },
    /** Newest timestamp in the output of ffmpeg, ms. */
    get newestMs(): number {
      return head.newestMs
    },
    /** Destroys the connections of all pulls. */
    breakPulls(): void {
      for (const pull of pulls) pull.destroy()
    },
    /** Lets ffmpeg complete its output, like a publisher that stops. */
    finish(): void {
      ffmpeg.kill('SIGINT')
    },
    async stop(): Promise<void> {
      ffmpeg.kill('SIGKILL')
      await over
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function spawnFlv(args: readonly string[]): ChildProcess {
  const output = ['-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1']
  return spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args, ...output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const maxGroup = 1000

/**
 * Keeps what each pull receives first: the file header, all metadata and codec headers, and the newest
 * `maxGroup` frames, but none before the newest keyframe.
 */
function createStreamHead() {
  const configuration = [flvHeader(true, true)]
  let group: Buffer[] = []
  let newestMs = 0
  return {
    get newestMs() {
      return newestMs
    },
    /** Adds a tag. Returns whether it is a frame, of video or audio. */
    add(tag: Buffer): boolean {
      if (isConfiguration(tag)) {
        configuration.push(tag)
        return false
      }
      if (isKeyframe(tag)) group = []
      if (group.push(tag) > maxGroup) group.shift()
      newestMs = Math.max(newestMs, timestampAt(tag, 0))
      return true
    },
    bytes: () => Buffer.concat([...configuration, ...group]),
  }
}

function isConfiguration(tag: Buffer): boolean {
  const type = tagTypeAt(tag, 0)
  if (type === scriptTag) return true
  return (type === audioTag ? audioPacketOf(tag) : videoPacketOf(tag)) === 'config'
}

const isKeyframe = (tag: Buffer) => tagTypeAt(tag, 0) === videoTag && videoPacketOf(tag) === 'keyframe'
