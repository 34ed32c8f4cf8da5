import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/kit/ports.ts'
import { descendantsOf } from '../../test/kit/process-table.ts'
import { startProcess } from '../../test/kit/processes.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { waitFor } from '../../test/kit/wait-for.ts'

const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

/**
 * Starts nginx with its RTMP module and one worker. It relays, and with `hls` also packages HLS. Debian
 * packages: nginx, libnginx-mod-rtmp.
 */
export async function startNginxRtmp({ hls }: { hls: boolean }) {
  const dir = makeTempDir()
  const port = await freePort()
  const packaging = hls ? `hls on; hls_path ${dir.path}/hls; hls_fragment 2s; hls_playlist_length 12s;` : ''
  const config = `
load_module ${rtmpModule};
daemon off; worker_processes 1; pid ${dir.path}/nginx.pid; error_log ${dir.path}/error.log;
events { worker_connections 1024; }
rtmp { server { listen 127.0.0.1:${port}; chunk_size 4096; application live { live on; ${packaging} } } }
`
  const configFile = join(dir.path, 'nginx.conf')
  writeFileSync(configFile, config)
  const nginx = startProcess('nginx', ['-p', dir.path, '-c', configFile, '-e', join(dir.path, 'error.log')])
  const workers = await waitFor('the worker of nginx', () => {
    const below = descendantsOf(nginx.pid)
    return below.length > 0 && below
  })
  return {
    rtmpUrl: `rtmp://127.0.0.1:${port}/live`,
    pids: [nginx.pid, ...workers.map(({ pid }) => pid)],
    async stop() {
      await nginx.stop()
      dir.remove()
    },
  }
}
