import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nginxUser } from '../../test/kit/connections/proxy-programs.ts'
import { freePorts } from '../../test/kit/ports.ts'
import { descendantsOf } from '../../test/kit/process-table.ts'
import { startProcess } from '../../test/kit/processes.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { waitFor } from '../../test/kit/wait-for.ts'

const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

/** Whether the RTMP module of nginx is installed. */
export const hasNginxRtmp = () => existsSync(rtmpModule)

interface NginxRtmpOptions {
  /** Whether it packages HLS, in segments of 2 s. */
  hls: boolean
  /** Core of its worker, which serves HLS over HTTP; any core by default. */
  core?: string
}

/**
 * Starts nginx with its RTMP module and one worker. It relays RTMP, and with `hls` it also packages HLS. A
 * stream with the name `NAME_top` then has the multivariant playlist `/NAME.m3u8`. Debian packages: nginx,
 * libnginx-mod-rtmp.
 */
export async function startNginxRtmp({ hls, core }: NginxRtmpOptions) {
  const dir = makeTempDir()
  const [port, httpPort] = await freePorts(2)
  const packaging = hls
    ? `hls on; hls_path ${dir.path}/hls; hls_fragment 2s; hls_playlist_length 12s; hls_variant _top BANDWIDTH=930000;`
    : ''
  const config = `
load_module ${rtmpModule};
${nginxUser} daemon off; worker_processes 1; worker_rlimit_nofile 40000;
pid ${dir.path}/nginx.pid; error_log ${dir.path}/error.log;
events { worker_connections 20000; multi_accept on; }
rtmp { server { listen 127.0.0.1:${port}; chunk_size 4096; application live { live on; ${packaging} } } }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  client_body_temp_path ${dir.path}/body; proxy_temp_path ${dir.path}/temp; fastcgi_temp_path ${dir.path}/f;
  uwsgi_temp_path ${dir.path}/u; scgi_temp_path ${dir.path}/s;
  server { listen 127.0.0.1:${httpPort} backlog=4096; root ${dir.path}/hls; add_header Cache-Control no-cache; }
}
`
  const configFile = join(dir.path, 'nginx.conf')
  writeFileSync(configFile, config)
  const command = ['nginx', '-p', dir.path, '-c', configFile, '-e', join(dir.path, 'error.log')]
  const [program = '', ...args] = core === undefined ? command : ['taskset', '-c', core, ...command]
  const nginx = startProcess(program, args)
  const workers = await waitFor('the worker of nginx', () => {
    const below = descendantsOf(nginx.pid)
    return below.length > 0 && below
  })
  return {
    rtmpUrl: `rtmp://127.0.0.1:${port}/live`,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    config,
    pids: [nginx.pid, ...workers.map(({ pid }) => pid)],
    async stop() {
      await nginx.stop()
      dir.remove()
    },
  }
}
