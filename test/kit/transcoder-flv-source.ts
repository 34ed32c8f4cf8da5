import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FlvSourceOptions {
  /** Options of ffmpeg before the output: inputs and codecs. The output is FLV on stdout. */
  args: readonly string[]
  secret: string
}

/** What `-f lavfi` inputs and the encoder need for a moving picture with a tone. */
export function pictureArgs(options: {
  size?: string
  fps?: number
  gop?: number
  bFrames?: number
  channels?: number
  seconds?: number
  more?: readonly string[]
}): string[] {
  const {
    size = '640x360',
    fps = 30,
    gop = fps,
    bFrames = 0,
    channels = 2,
    seconds = 60,
    more = [],
  } = options
  return [
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...(channels > 0 ? ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'] : []),
    ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-bf', String(bFrames), '-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'],
    ...(bFrames > 0 ? [] : ['-tune', 'zerolatency']),
    ...(channels > 0 ? ['-c:a', 'aac', '-b:a', '128k', '-ac', String(channels)] : []),
    ...more,
  ]
}

export type FlvSource = Awaited<ReturnType<typeof startFlvSource>>

/**
 * Serves what ffmpeg makes as an ingest does: FLV over HTTP, from the newest keyframe on, for any number of
 * pulls. When ffmpeg ends, the bodies end.
 */
export async function startFlvSource({ args, secret }: FlvSourceOptions) {
  const child: ChildProcess = spawn(
    'ffmpeg',
    [
      '-hide_banner',
      '-loglevel',
      'error',
      '-nostdin',
      ...args,
      '-f',
      'flv',
      '-flvflags',
      'no_duration_filesize',
      'pipe:1',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let rest: Buffer = Buffer.alloc(0)
  let fileHeader: Buffer | undefined
  const headers: Buffer[] = []
  let group: Buffer[] = []
  const pulls = new Set<ServerResponse>()
  const firstFrame = Promise.withResolvers<number>()
  let newestMs = 0
  let isOver = false

  function take(tag: Buffer) {
    const kind = tag[0]
    const isHeader =
      kind === 18 || (kind !== undefined && tag[12] === 0 && (kind === 9 || (tag[11] ?? 0) >> 4 === 10))
    if (isHeader) headers.push(tag)
    else {
      if (kind === 9 && (tag[11] ?? 0) >> 4 === 1) group = []
      group.push(tag)
      newestMs = Math.max(newestMs, tag.readUIntBE(4, 3) + tag.readUInt8(7) * 2 ** 24)
      if (group.length > 1000) group.shift()
      firstFrame.resolve(performance.now())
    }
    for (const pull of pulls) pull.write(tag)
  }

  child.stdout?.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    if (fileHeader === undefined) {
      if (rest.length < 13) return
      fileHeader = rest.subarray(0, 13)
      rest = rest.subarray(13)
    }
    for (;;) {
      if (rest.length < 15) return
      const length = 11 + rest.readUIntBE(1, 3) + 4
      if (rest.length < length) return
      take(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  })
  const over = new Promise<void>((resolve) => {
    child.once('close', () => {
      isOver = true
      for (const pull of pulls) pull.end()
      resolve()
    })
  })

  let requests = 0
  const server = createServer((request, response) => {
    requests++
    if (request.headers.authorization !== `Bearer ${secret}`) return void response.writeHead(401).end()
    if (isOver) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'video/x-flv' })
    response.write(Buffer.concat([fileHeader ?? Buffer.alloc(0), ...headers, ...group]))
    pulls.add(response)
    response.on('close', () => pulls.delete(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const firstFrameAt = await firstFrame.promise

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.flv`,
    /** On the clock of `performance.now()`. */
    firstFrameAt,
    over,
    get requests(): number {
      return requests
    },
    /** Newest timestamp, ms. */
    get newestMs(): number {
      return newestMs
    },
    /** Breaks every pull without a proper end. */
    breakPulls(): void {
      for (const pull of pulls) pull.destroy()
    },
    /** Ends the media as a publisher does that leaves. */
    finish(): void {
      child.kill('SIGINT')
    },
    async stop(): Promise<void> {
      child.kill('SIGKILL')
      await over
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
