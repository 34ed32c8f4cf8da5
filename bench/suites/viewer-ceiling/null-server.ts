import { createServer, type Socket } from 'node:net'
import { createModelChannel } from '../../../test/kit/model-channel/model-channel.ts'
import { modelPartMs } from '../../../test/kit/model-channel/model-media.ts'

/** Maximum number of responses that are kept ready. */
const maxResponses = 4096
const tickMs = 5

/**
 * Starts a server that does as little as possible: it keeps the responses of one channel ready as bytes, and
 * holds blocking reloads. The channel begins with 60 parts. Resolves with the port of the server.
 */
function startNullServer({ hasParts }: { hasParts: boolean }): Promise<number> {
  const channel = createModelChannel({ hasParts })
  const startedAt = performance.now()
  const responses = new Map<string, Buffer>()
  const held = new Map<number, { socket: Socket; key: string }[]>()
  let parts = 60

  function respond(key: string, make: () => string | Buffer): Buffer {
    const known = responses.get(key)
    if (known !== undefined) return known
    const body = Buffer.from(make())
    const made = Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: ${body.length}\r\n\r\n`),
      body,
    ])
    responses.set(key, made)
    for (const oldest of responses.keys()) {
      if (responses.size <= maxResponses) break
      responses.delete(oldest)
    }
    return made
  }

  function sendPlaylist(socket: Socket, key: string) {
    const [rendition = '', kind] = key.split(' ')
    socket.write(respond(`${key} ${parts}`, () => channel.playlist(rendition, parts, kind === 'delta')))
  }

  function onRequest(socket: Socket, target: string) {
    const [path = '', query = ''] = target.split('?', 2)
    const file = path.slice(path.lastIndexOf('/') + 1)
    if (file === 'index.m3u8') return socket.write(respond(path, () => channel.multivariant('s1/')))
    if (!file.endsWith('.m3u8')) {
      const folder = path.split('/').at(-2) ?? ''
      return socket.write(respond(path, () => channel.media(folder, file) ?? Buffer.alloc(0)))
    }
    const key = `${file.slice(0, -'.m3u8'.length)} ${query.includes('_HLS_skip') ? 'delta' : 'whole'}`
    const [, msn, part] = /_HLS_msn=(\d+)&_HLS_part=(\d+)/.exec(query) ?? []
    const wanted = msn === undefined ? 0 : Number(msn) * channel.partsPerSegment + Number(part) + 1
    if (wanted <= parts) return sendPlaylist(socket, key)
    const waiting = held.get(wanted) ?? []
    held.set(wanted, waiting)
    waiting.push({ socket, key })
  }

  function tick() {
    const due = 60 + Math.floor((performance.now() - startedAt) / modelPartMs)
    if (due === parts) return
    parts = due
    for (const [wanted, waiting] of held) {
      if (wanted > parts) continue
      held.delete(wanted)
      for (const { socket, key } of waiting) sendPlaylist(socket, key)
    }
  }

  setInterval(tick, tickMs)
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      const head = chunk.toString('latin1')
      onRequest(socket, head.slice(4, head.indexOf(' ', 4)))
    })
  })
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

/** Path of this file. Run as a program, it starts the server and prints its port. */
export const nullServerFile = import.meta.filename

if (process.argv[1] === nullServerFile)
  console.log(`port ${await startNullServer({ hasParts: process.argv[2] !== 'classic' })}`)
