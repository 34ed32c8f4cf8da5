import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { startProcess, type TestProcess } from './processes.ts'
import { makeTempDir } from './temp-dir.ts'

const root = join(import.meta.dirname, '..', '..')

export interface EdgeProcess extends TestProcess {
  url: string
}

export interface EdgeProcessOptions {
  redisUrl: string
  clusterSecret: string
  /** One that is free by default. */
  port?: number
  env?: Record<string, string>
}

/** An edge as a process of its own, beside those of a whole nowcast; resolves when it serves. */
export async function startEdgeProcess(options: EdgeProcessOptions): Promise<EdgeProcess> {
  const { redisUrl, clusterSecret, port = (await freePorts(1))[0] ?? 0, env = {} } = options
  const dir = makeTempDir()
  const edge = startProcess(process.execPath, [join(root, 'edge/main.ts')], {
    env: {
      ...process.env,
      NOWCAST_DATA_DIR: dir.path,
      NOWCAST_CLUSTER_SECRET: clusterSecret,
      NOWCAST_EDGE_PORT: String(port),
      REDIS_URL: redisUrl,
      ...env,
    },
  })
  void edge.exited.then(() => dir.remove())
  await edge.line(/"msg":"ready"/)
  return Object.assign(edge, { url: `http://127.0.0.1:${port}` })
}
