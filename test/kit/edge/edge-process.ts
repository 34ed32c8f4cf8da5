import { roleProcessOf } from '../../../core/process/role-process.mjs'
import { freePort } from '../ports.ts'
import { startProcess, type TestProcess } from '../processes.ts'
import { mainOf } from '../root.ts'
import { recordSecret } from '../run-record.ts'
import { makeTempDir } from '../temp-dir.ts'

export interface EdgeProcess extends TestProcess {
  url: string
}

export interface EdgeProcessOptions {
  redisUrl: string
  clusterSecret: string
  /** Port for viewers; by default a free one. */
  port?: number
  /** CPU cores that the process may use, in the format of `taskset`; by default any. */
  cores?: string
  env?: Record<string, string>
}

/** Starts an edge as a process of its own, as `npx nowcast edge` does. Resolves when the edge is ready. */
export async function startEdgeProcess(options: EdgeProcessOptions): Promise<EdgeProcess> {
  const { redisUrl, clusterSecret, port = await freePort(), cores, env = {} } = options
  const dir = makeTempDir()
  const roleProcess = roleProcessOf('edge')
  const command = [process.execPath, ...roleProcess.arguments, mainOf('edge')]
  const [program = '', ...args] = cores === undefined ? command : ['taskset', '-c', cores, ...command]
  const edge = startProcess(program, args, {
    env: {
      ...roleProcess.environment,
      ...process.env,
      NOWCAST_DATA_DIR: dir.path,
      NOWCAST_CLUSTER_SECRET: recordSecret(clusterSecret),
      NOWCAST_EDGE_PORT: String(port),
      REDIS_URL: redisUrl,
      ...env,
    },
  })
  void edge.exited.then(() => dir.remove())
  await edge.line(/"msg":"ready"/, 30_000).catch(async (error: unknown) => {
    await edge.stop('SIGKILL')
    throw error
  })
  return Object.assign(edge, { url: `http://127.0.0.1:${port}` })
}
