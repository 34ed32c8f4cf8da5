import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nginxUser } from '../../test/kit/connections/proxy-programs.ts'
import { freePort } from '../../test/kit/ports.ts'
import { descendantsOf } from '../../test/kit/process-table.ts'
import { startProcess } from '../../test/kit/processes.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { waitFor } from '../../test/kit/wait-for.ts'

/** Whether nginx is installed. */
export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).error === undefined

interface NginxCacheOptions {
  tuned: boolean
  hlsKey?: boolean
}

/**
 * Starts nginx as a cache in front of `upstream` (host:port), with one worker on core 0, a cache lock and
 * persistent upstream connections. `tuned` adds options that are off by default: sendfile, which avoids
 * copies, tcp_nopush, and cached file descriptors. With `hlsKey` the key of the cache contains the delivery
 * directives and no other parameters, so that CMCD reports do not make each request a miss.
 */
export async function startNginxCache(upstream: string, { tuned, hlsKey = false }: NginxCacheOptions) {
  const dir = makeTempDir()
  const port = await freePort()
  const config = `
${nginxUser} daemon off; worker_processes 1; worker_rlimit_nofile 40000; pid ${dir.path}/nginx.pid; error_log ${dir.path}/error.log;
events { worker_connections 20000; multi_accept on; }
http {
  access_log off; tcp_nodelay on; etag on;
  keepalive_timeout 60s; keepalive_requests 100000000;
  ${tuned ? 'sendfile on; tcp_nopush on; open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;' : ''}
  client_body_temp_path ${dir.path}/body; proxy_temp_path ${dir.path}/temp; fastcgi_temp_path ${dir.path}/f;
  uwsgi_temp_path ${dir.path}/u; scgi_temp_path ${dir.path}/s;
  proxy_cache_path ${dir.path}/cache levels=1:2 keys_zone=media:10m max_size=1g use_temp_path=off;
  upstream origin { server ${upstream}; keepalive 64; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache media; proxy_cache_lock on; proxy_cache_lock_timeout 10s; proxy_cache_lock_age 10s;
      ${hlsKey ? 'proxy_cache_key $uri?$arg__HLS_msn&$arg__HLS_part&$arg__HLS_skip;' : ''}
      proxy_cache_use_stale updating error timeout; proxy_cache_background_update on;
    }
  }
}
`
  const configFile = join(dir.path, 'nginx.conf')
  writeFileSync(configFile, config)
  const nginx = startProcess('taskset', [
    ...['-c', '0', 'nginx', '-p', dir.path, '-c', configFile, '-e', join(dir.path, 'error.log')],
  ])
  const [worker] = await waitFor('the worker of nginx', () => {
    // nginx starts its worker first, so it is the first descendant. The cache manager and the cache loader,
    // which handle no requests, come later.
    const below = descendantsOf(nginx.pid)
    return below.length > 0 && below
  })
  return {
    url: `http://127.0.0.1:${port}`,
    pid: worker?.pid ?? nginx.pid,
    config,
    async stop() {
      await nginx.stop()
      dir.remove()
    },
  }
}
