import { waitFor } from '../../../test/kit/wait-for.ts'
import { startNginxRtmp } from '../../stand/nginx-rtmp.ts'
import { publishFile } from '../../stand/source-file.ts'
import { memoryOf, type Stand } from './architecture.ts'

/** Name of the stream, and of its only variant as nginx-rtmp wants it. */
const stream = 'bench'
const variant = `${stream}_top`

/** Starts nginx-rtmp with a publisher. Its requests are not counted: it is origin and server in one. */
export async function startNginxRtmpStand(source: string, core: string): Promise<Stand> {
  const nginx = await startNginxRtmp({ hls: true, core })
  const publisher = publishFile(source, `${nginx.rtmpUrl}/${variant}`)
  const stop = async () => {
    await publisher.stop('SIGKILL')
    await nginx.stop()
  }
  const path = `/${stream}.m3u8`
  try {
    await waitFor('nginx-rtmp to serve', async () => {
      const playlists = [path, `/${variant}.m3u8`].map((each) => fetch(nginx.httpUrl + each))
      return (await Promise.all(playlists)).every(({ ok }) => ok)
    })
  } catch (error) {
    await stop()
    throw error
  }
  const servers = nginx.pids.map((pid, index) => ({
    name: index === 0 ? 'nginx' : `nginx worker ${index}`,
    pid,
  }))
  return {
    urls: [nginx.httpUrl],
    path,
    origin: {
      takeCounts: async () => ({
        requests: 0,
        versioned: 0,
        versions: 0,
        most: 0,
        bytes: 0,
        lagMs: Number.NaN,
      }),
      pausePublisher(ms) {
        publisher.kill('SIGSTOP')
        setTimeout(() => publisher.kill('SIGCONT'), ms)
      },
      breakConnections() {
        throw new Error('nginx-rtmp cannot end connections only')
      },
    },
    servers,
    emptyBytes: memoryOf(servers),
    configs: { nginx: nginx.config },
    stop,
  }
}
