import { waitFor } from '../../../test/kit/wait-for.ts'
import { startMediaMtx } from '../../stand/mediamtx.ts'
import { startNginxRtmp } from '../../stand/nginx-rtmp.ts'
import { publishFile } from '../../stand/source-file.ts'
import { memoryOf, type Peer, type Stand } from './architecture.ts'

/** Name of the stream, and of its only variant as nginx-rtmp wants it. */
const stream = 'bench'
const variant = `${stream}_top`

/** Starts another system with a publisher. Its requests are not counted: it is origin and server in one. */
export const startPeerStand = (peer: Peer, source: string, core: string): Promise<Stand> =>
  ({ 'nginx-rtmp': startNginxRtmpStand, mediamtx: startMediaMtxStand })[peer](source, core)

async function startNginxRtmpStand(source: string, core: string): Promise<Stand> {
  const nginx = await startNginxRtmp({ hls: true, core })
  const path = `/${stream}.m3u8`
  const servers = nginx.pids.map((pid, index) => ({
    name: index === 0 ? 'nginx' : `nginx worker ${index}`,
    pid,
  }))
  return publishing({ source, target: `${nginx.rtmpUrl}/${variant}`, server: nginx }, async () => {
    const playlists = [path, `/${variant}.m3u8`].map((each) => fetch(nginx.httpUrl + each))
    const isServing = (await Promise.all(playlists)).every(({ ok }) => ok)
    return isServing && { urls: [nginx.httpUrl], path, servers, configs: { nginx: nginx.config } }
  })
}

/** Segments and parts as long as those of our origin, and as many segments in the playlist. */
const mediaMtxSettings = ['hlsSegmentDuration: 2s', 'hlsPartDuration: 333ms', 'hlsSegmentCount: 12']

async function startMediaMtxStand(source: string, core: string): Promise<Stand> {
  const server = await startMediaMtx({ core, more: mediaMtxSettings })
  const playlist = new URL(server.playlistUrl(stream))
  return publishing({ source, target: `${server.rtmpUrl}/${stream}`, server }, async () => {
    if (!(await fetch(playlist)).ok) return false
    return {
      urls: [playlist.origin],
      // Without the parameter, MediaMTX redirects to it, to see whether the player accepts cookies.
      path: `${playlist.pathname}?cookieCheck=1`,
      servers: [{ name: 'mediamtx', pid: server.pid }],
      configs: { mediamtx: server.config },
    }
  })
}

interface Publishing {
  source: string
  /** URL to which the source is published. */
  target: string
  server: { stop(): Promise<unknown> }
}

/** Publishes to a server, and waits until `isServing` returns what the stand consists of. */
async function publishing(
  { source, target, server }: Publishing,
  isServing: () => Promise<false | Pick<Stand, 'urls' | 'path' | 'servers' | 'configs'>>,
): Promise<Stand> {
  const publisher = publishFile(source, target)
  const stop = async () => {
    await publisher.stop('SIGKILL')
    await server.stop()
  }
  try {
    const served = await waitFor('the other system to serve', isServing)
    return { ...served, origin: originOf(publisher), emptyBytes: memoryOf(served.servers), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const originOf = (publisher: ReturnType<typeof publishFile>): Stand['origin'] => ({
  takeCounts: async () => ({ requests: 0, versioned: 0, versions: 0, most: 0, bytes: 0, lagMs: Number.NaN }),
  pausePublisher(ms) {
    publisher.kill('SIGSTOP')
    setTimeout(() => publisher.kill('SIGCONT'), ms)
  },
  breakConnections() {
    throw new Error('the connections of another system cannot be ended alone')
  },
})
