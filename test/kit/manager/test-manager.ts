import { join } from 'node:path'
import type { CreatedChannelView } from '../../../core/api/channel.ts'
import { createLog } from '../../../core/process/log.ts'
import { readManagerSettings } from '../../../manager/settings.ts'
import { wireManager } from '../../../manager/wire.ts'
import { makeTempDir } from '../temp-dir.ts'

export const adminToken = 'an-admin-token-of-the-manager-tests'
export const clusterSecret = 'a-cluster-secret-of-the-manager-tests'

export interface ApiResponse<Body> {
  status: number
  headers: Record<string, unknown>
  text: string
  bytes: Buffer
  /** The parsed body; an empty object when it is not JSON. */
  body: Body
}

type Headers = Record<string, string>

const isPlain = (payload: unknown) => typeof payload === 'string' || Buffer.isBuffer(payload)

export type TestManager = Awaited<ReturnType<typeof startTestManager>>

/**
 * Starts a manager that does not listen: `call` injects its requests. The data dir is temporary unless
 * `environment` sets one. `playerDir`: folder of the built pages; by default one that does not exist.
 */
export async function startTestManager(
  redisUrl: string,
  environment: Record<string, string> = {},
  playerDir?: string,
) {
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
  const { app, close } = await wireManager(log, settings, playerDir ?? join(directory.path, 'none'))

  /**
   * Injects a request, with the admin token unless `headers` has an `authorization`. A payload that is text
   * or bytes is sent as it is, any other as JSON.
   */
  async function call<Body = unknown>(
    method: string,
    url: string,
    payload?: unknown,
    headers: Headers = {},
  ): Promise<ApiResponse<Body>> {
    const response = await app.inject({
      method: method as 'GET',
      url,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload: isPlain(payload) ? payload : JSON.stringify(payload) }),
    })
    const type = String(response.headers['content-type'])
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      bytes: response.rawPayload,
      body: (type.includes('json') ? response.json() : {}) as Body,
    }
  }

  return {
    app,
    call,
    get: <Body = unknown>(url: string, headers?: Headers) => call<Body>('GET', url, undefined, headers),
    /** Returns the text of the metrics as they are now. */
    metrics: async () => (await call('GET', '/metrics', undefined, { 'cache-control': 'no-cache' })).text,
    post: <Body = unknown>(url: string, payload?: unknown, headers?: Headers) =>
      call<Body>('POST', url, payload, headers),
    patch: <Body = unknown>(url: string, payload: unknown) => call<Body>('PATCH', url, payload),
    delete: <Body = unknown>(url: string) => call<Body>('DELETE', url),
    /** Creates a channel and returns it with its stream key. */
    createChannel: async (slug: string, fields = {}) =>
      (await call<CreatedChannelView>('POST', '/v1/channels', { slug, ...fields })).body,
    log,
    /** Returns all lines logged so far, as one text. */
    logged: () => lines.join(''),
    async close() {
      await close()
      directory.remove()
    },
  }
}
