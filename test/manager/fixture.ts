import { join } from 'node:path'
import { createLog } from '../../core/process/log.ts'
import { connectRedis, type Redis, redisReady } from '../../core/process/redis.ts'
import { assembleManager } from '../../manager/assembly.ts'
import type { ProblemBody } from '../../manager/http/problems.ts'
import type { ChannelView, CreatedChannelView, StreamKeyView } from '../../manager/schemas/channel.ts'
import type { TokenRevocationView, TokenView } from '../../manager/schemas/playback-token.ts'
import type { SessionView } from '../../manager/schemas/session.ts'
import { readManagerSettings } from '../../manager/settings.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

export const adminToken = 'an-admin-token-of-the-tests'
export const clusterSecret = 'a-cluster-secret-of-the-tests'

export interface Answer {
  status: number
  headers: Record<string, unknown>
  text: string
  body: AnyBody
}

/** Any body of the API; a test knows which one it asked for. */
type AnyBody = ChannelView &
  CreatedChannelView &
  StreamKeyView &
  SessionView &
  TokenView &
  TokenRevocationView &
  ProblemBody & {
    items: (ChannelView & SessionView)[]
    nextCursor: string | null
    openapi: string
    paths: Record<string, Record<string, { responses: Record<string, { content: object }> }>>
  }

export type Fixture = Awaited<ReturnType<typeof build>>

/** A manager that does not listen, asked by `inject`, with all it logs. `dataDir` is its own unless given. */
export async function build(redisUrl: string, environment: Record<string, string> = {}, playerDir?: string) {
  const directory = makeTempDir()
  const lines: string[] = []
  const log = createLog('manager', 'trace', { write: (line: string) => void lines.push(line) })
  const settings = readManagerSettings({
    NOWCAST_DATA_DIR: directory.path,
    NOWCAST_ADMIN_TOKEN: adminToken,
    NOWCAST_CLUSTER_SECRET: clusterSecret,
    REDIS_URL: redisUrl,
    ...environment,
  })
  const { app, redis, close } = await assembleManager(
    log,
    settings,
    playerDir ?? join(directory.path, 'none'),
  )

  async function call(method: string, url: string, payload?: unknown, headers = {}): Promise<Answer> {
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined
        ? {}
        : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    })
    const type = String(answer.headers['content-type'])
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      body: (type.includes('json') ? answer.json() : {}) as AnyBody,
    }
  }

  return {
    app,
    redis,
    call,
    settings,
    dataDir: settings.dataDir,
    log,
    /** Everything logged so far, one text. */
    logged: () => lines.join(''),
    async close() {
      await close()
      directory.remove()
    },
  }
}

/** A connection of a test's own, as another role has one. */
export async function connect(url: string): Promise<Redis> {
  const log = createLog('test', 'error', { write: () => {} })
  const redis = connectRedis({ url, log, purpose: 'test', whenAway: 'fail' })
  await redisReady(redis)
  return redis
}
