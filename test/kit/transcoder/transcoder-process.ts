import { deriveClusterKeys } from '../../../core/process/cluster-keys.ts'
import { descendantsOf, makesPictures } from '../process-table.ts'
import { startProcess } from '../processes.ts'
import { mainOf } from '../root.ts'
import { recordSecret } from '../run-record.ts'

const clusterSecret = 'a-cluster-secret-of-transcoder-tests'

/** Keys of the cluster in tests of the transcoder. */
export const keys = deriveClusterKeys(clusterSecret)

export type TranscoderProcess = ReturnType<typeof spawnTranscoder>

/**
 * Starts a transcoder as a process of its own, which by default leaves its sessions at once when it is asked
 * to stop. `ready` waits until it has started.
 */
export function spawnTranscoder(redisUrl: string, dataDir: string, env: Record<string, string> = {}) {
  const transcoder = startProcess(process.execPath, [mainOf('transcoder')], {
    env: {
      PATH: process.env.PATH ?? '',
      REDIS_URL: redisUrl,
      NOWCAST_DATA_DIR: dataDir,
      NOWCAST_CLUSTER_SECRET: recordSecret(clusterSecret),
      NOWCAST_LOG_LEVEL: 'debug',
      NOWCAST_TRANSCODER_DRAIN_SECONDS: '0',
      NOWCAST_PICTURE_SECONDS: '0',
      ...env,
    },
  })
  return {
    ...transcoder,
    get lines() {
      return transcoder.lines
    },
    ready: () => transcoder.line(/"msg":"ready"/, 30_000),
    /** Returns the running encoders of the transcoder, which read from a pipe. */
    ffmpegs: () =>
      descendantsOf(transcoder.pid).filter(
        ({ command }) => command.includes('pipe:0') && !makesPictures(command),
      ),
    async [Symbol.asyncDispose]() {
      await transcoder.stop()
    },
  }
}

/** Sends a request to an origin with the peer key, as an edge does. */
export async function fetchOrigin(url: string, path: string): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${keys.peerKey}` } })
}
