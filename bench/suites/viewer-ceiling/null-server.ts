import { createServer, type Socket } from 'node:net'
import { createModelChannel, type ModelChannel } from '../../../test/kit/model-channel/model-channel.ts'
import { modelPartMs } from '../../../test/kit/model-channel/model-media.ts'

/** Maximum number of responses that are kept ready. */
const maxResponses = 4096
const tickMs = 5
/** Number of parts that exist when the server starts. */
const firstParts = 60
const space = 0x20
/** Where the target of a request begins, after `GET `. */
const targetAt = 4

/** What a path names. Its responses are made once. */
interface Resource {
  /** Number of parts that must exist for a response, unless the query names more. */
  wanted: number
  make(parts: number, isDelta: boolean): string | Buffer
  /** Response to requests for all of it, and for a delta update, when there were `parts`. */
  ready: { parts: number; whole: Buffer | undefined; delta: Buffer | undefined }
  /** Whether the response changes with each part. */
  isLive: boolean
}

interface HeldRequest {
  socket: Socket
  resource: Resource
  isDelta: boolean
}

/**
 * Starts a server that does as little as possible: it keeps the responses of one channel ready as bytes, and
 * holds reloads and parts that do not exist yet. Resolves with its port.
 */
function startNullServer({ hasParts, partBytes }: { hasParts: boolean; partBytes: number }): Promise<number> {
  const channel = createModelChannel({ hasParts, partBytes })
  const startedAt = performance.now()
  const resources = new Map<string, Resource>()
  const held = new Map<number, HeldRequest[]>()
  let parts = firstParts

  function resourceOf(path: string): Resource {
    const known = resources.get(path)
    if (known !== undefined) return known
    const resource = createResource(channel, path)
    resources.set(path, resource)
    for (const oldest of resources.keys()) {
      if (resources.size <= maxResponses) break
      resources.delete(oldest)
    }
    return resource
  }

  function send({ socket, resource, isDelta }: HeldRequest) {
    const { ready, isLive } = resource
    if (isLive && ready.parts !== parts) resource.ready = { parts, whole: undefined, delta: undefined }
    const name = isDelta ? 'delta' : 'whole'
    resource.ready[name] ??= responseOf(resource.make(parts, isDelta))
    socket.write(resource.ready[name])
  }

  function onRequest(socket: Socket, target: string) {
    const queryAt = target.indexOf('?')
    const resource = resourceOf(queryAt < 0 ? target : target.slice(0, queryAt))
    const isDelta = queryAt >= 0 && target.includes('_HLS_skip', queryAt)
    const msn = queryAt < 0 ? Number.NaN : numberAfter(target, '_HLS_msn=', queryAt)
    const part = Number.isNaN(msn) ? 0 : numberAfter(target, '_HLS_part=', queryAt)
    const wanted = Number.isNaN(msn) ? resource.wanted : msn * channel.partsPerSegment + part + 1
    const request = { socket, resource, isDelta }
    if (wanted <= parts || Number.isNaN(wanted)) return send(request)
    const waiting = held.get(wanted)
    if (waiting === undefined) held.set(wanted, [request])
    else waiting.push(request)
  }

  function tick() {
    const due = firstParts + Math.floor((performance.now() - startedAt) / modelPartMs)
    if (due === parts) return
    parts = due
    for (const [wanted, waiting] of held) {
      if (wanted > parts) continue
      held.delete(wanted)
      for (const request of waiting) send(request)
    }
  }

  setInterval(tick, tickMs)
  return listen((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) =>
      onRequest(socket, chunk.toString('latin1', targetAt, chunk.indexOf(space, targetAt))),
    )
  })
}

function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, onConnection)
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

function createResource(channel: ModelChannel, path: string): Resource {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const folder = path.split('/').at(-2) ?? ''
  const ready = { parts: 0, whole: undefined, delta: undefined }
  const live = { wanted: 0, ready, isLive: true }
  if (file === 'index.m3u8') return { ...live, isLive: false, make: () => channel.multivariant('s1/') }
  if (file.endsWith('.bin')) return { ...live, make: (parts) => channel.startBundle(parts, 's1/') }
  if (file.endsWith('.m3u8')) {
    const rendition = file.slice(0, -'.m3u8'.length)
    return { ...live, make: (parts, isDelta) => channel.playlist(rendition, parts, isDelta) }
  }
  const [, msn, part = channel.partsPerSegment - 1] = /^(\d+)(?:\.(\d+))?/.exec(file) ?? []
  const wanted = msn === undefined ? 0 : Number(msn) * channel.partsPerSegment + Number(part) + 1
  return { wanted, ready, isLive: false, make: () => channel.media(folder, file) ?? Buffer.alloc(0) }
}

function responseOf(content: string | Buffer): Buffer {
  const body = Buffer.from(content)
  const head = `HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/** Returns the number after `name` in the query of a target; NaN when the query does not have it. */
function numberAfter(target: string, name: string, from: number): number {
  const at = target.indexOf(name, from)
  return at < 0 ? Number.NaN : Number.parseInt(target.slice(at + name.length, at + name.length + 9), 10)
}

/** Path of this file. Run as a program, it starts the server and prints its port. */
export const nullServerFile = import.meta.filename

if (process.argv[1] === nullServerFile) {
  const [, , mode, partBytes = '8000'] = process.argv
  const port = await startNullServer({ hasParts: mode !== 'classic', partBytes: Number(partBytes) })
  console.log(`port ${port}`)
}
