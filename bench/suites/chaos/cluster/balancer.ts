import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkNode } from '../../../stand/namespaces.ts'

/** Ports at which the balancer listens for publishers, and for viewers and operators. */
export const balancerPorts = { rtmp: 1935, manager: 8080 }

/** Servers are checked twice a second, and are out after two failures. Their connections then end. */
const check = 'check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions'

interface Servers {
  ingest: readonly NetworkNode[]
  manager: readonly NetworkNode[]
}

/**
 * Writes the configuration of HAProxy in front of ingests and managers. Publishers come with the PROXY
 * protocol. `ingestHealthPort`: port of an ingest for health checks. Returns the path of the file.
 */
export function balancerConfig(
  directory: string,
  { address }: NetworkNode,
  servers: Servers,
  ingestHealthPort: number,
): string {
  const file = join(directory, 'haproxy.cfg')
  const lines = (nodes: readonly NetworkNode[], port: number, more: string) =>
    nodes.map(({ name, address }) => `  server ${name} ${address}:${port} ${check} ${more}`)
  writeFileSync(
    file,
    [
      'defaults',
      '  timeout connect 2s',
      '  timeout check 1s',
      '  timeout client 60s',
      '  timeout server 60s',
      // While Redis is away no process is ready, but publishers and viewers must stay connected.
      '  option httpchk GET /healthz',
      'listen rtmp',
      '  mode tcp',
      `  bind ${address}:${balancerPorts.rtmp}`,
      '  timeout client 30s',
      '  timeout server 30s',
      ...lines(servers.ingest, balancerPorts.rtmp, `send-proxy-v2 port ${ingestHealthPort}`),
      'listen manager',
      '  mode http',
      `  bind ${address}:${balancerPorts.manager}`,
      '  option redispatch 1',
      '  retries 2',
      '  http-request set-header X-Forwarded-For %[src]',
      '  http-request del-header Forwarded',
      ...lines(servers.manager, balancerPorts.manager, ''),
      '',
    ].join('\n'),
  )
  return file
}
