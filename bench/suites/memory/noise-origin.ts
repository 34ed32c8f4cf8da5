import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Size of a segment of each rendition, bytes: typical of 2 s of 1080p to 360p. */
const segmentBytes = [1_500_000, 800_000, 400_000, 200_000] as const
export const renditions = ['1080p', '720p', '480p', '360p'] as const

const maxSegmentBytes = Math.max(...segmentBytes)
/** Noise that bodies are cut from. It does not compress, and bodies from different places differ. */
const noise = Buffer.alloc(maxSegmentBytes + 65_536)
for (let i = 0, seed = 1; i + 4 <= noise.length; i += 4) {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  noise.writeUInt32LE(seed, i)
}

/** Returns the body of a path. It is always the same, so that a viewer can detect a wrong body. */
export function bodyOf(path: string): Buffer {
  let seed = 0
  for (let i = 0; i < path.length; i += 1) seed = (Math.imul(seed, 31) + path.charCodeAt(i)) >>> 0
  const at = seed % 65_536
  return noise.subarray(at, at + lengthOf(path))
}

function lengthOf(path: string): number {
  if (path.endsWith('index.m3u8')) return 900
  if (path.includes('.m3u8')) return 4000
  if (path.endsWith('init.mp4')) return 1200
  const rendition = renditions.findIndex((name) => path.includes(`/${name}/`))
  const segment = segmentBytes[rendition] ?? 0
  return /\.\d+\.m4s$/.test(path) ? Math.round(segment / 6) : segment
}

/** Starts an origin that has every object of every session, except those in a folder `missing`. */
export async function startNoiseOrigin() {
  let requests = 0
  const server = createServer((request, response: ServerResponse) => {
    requests += 1
    const path = request.url ?? ''
    if (path.includes('/missing/')) return void response.writeHead(404).end()
    const body = bodyOf(path)
    const isPlaylist = path.includes('.m3u8')
    response.writeHead(200, {
      'content-type': isPlaylist ? 'application/vnd.apple.mpegurl' : 'video/mp4',
      'content-length': body.length,
      'cache-control': `max-age=${isPlaylist ? 1 : 600}`,
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Number of requests received so far. */
    get requests() {
      return requests
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
