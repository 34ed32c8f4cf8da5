import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CreatedChannelView } from '../../core/api/channel.ts'
import { bracketed } from '../../core/contracts/public-place.ts'
import { freePorts, isListening } from './ports.ts'
import { descendantsOf, makesPictures } from './process-table.ts'
import { startProcess, type TestProcess } from './processes.ts'
import { mainOf, root } from './root.ts'
import { recordSecret, recordSecretsIn } from './run-record.ts'
import { makeTempDir } from './temp-dir.ts'
import { waitFor } from './wait-for.ts'

export interface WholeOptions {
  /** Environment variables, which override those that the test kit sets. */
  env?: Record<string, string>
  /** Data dir that stays after the end. By default there is a temporary one. */
  dataDir?: string
  /** IP address of the listeners for publishers, viewers and operators. */
  host?: string
}

export type Whole = Awaited<ReturnType<typeof startWhole>>
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/**
 * Starts a whole nowcast on free ports, as `npm start` does. Resolves when the manager is ready.
 * @throws Error when nowcast ends before that, or is not ready after 20 s
 */
export async function startWhole({ env = {}, dataDir, host = '127.0.0.1' }: WholeOptions = {}) {
  const dir = makeTempDir()
  const [rtmp, manager, edge] = (await freePorts(3)).map(String)
  const adminToken = recordSecret(randomBytes(16).toString('hex'))
  const usedDataDir = dataDir ?? join(dir.path, 'data')
  const supervisor = startProcess(process.execPath, [join(root, 'infra/main.ts')], {
    cwd: root,
    env: {
      ...process.env,
      NOWCAST_DATA_DIR: usedDataDir,
      NOWCAST_HOST: host,
      NOWCAST_RTMP_PORT: rtmp,
      NOWCAST_MANAGER_PORT: manager,
      NOWCAST_EDGE_PORT: edge,
      NOWCAST_ADMIN_TOKEN: adminToken,
      ...env,
    },
  })
  const name = bracketed(host)
  const managerUrl = `http://${name}:${manager}`
  const edgeUrl = `http://${name}:${edge}`
  const stop = async () => {
    const exit = await supervisor.stop('SIGTERM', 10_000)
    dir.remove()
    return exit
  }
  await readiness(supervisor, managerUrl).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  for (const name of readdirSync(join(usedDataDir, 'secrets')))
    recordSecret(readFileSync(join(usedDataDir, 'secrets', name), 'utf8').trim())
  const descendants = () => descendantsOf(supervisor.pid)
  const roleEnv = {
    REDIS_URL: join(usedDataDir, 'redis', 'redis.sock'),
    ...env,
    NOWCAST_DATA_DIR: usedDataDir,
    NOWCAST_RTMP_PORT: '0',
  }

  return {
    supervisor,
    adminToken,
    managerUrl,
    edgeUrl,
    rtmpUrl: `rtmp://${name}:${rtmp}/live`,
    api: createApiClient(managerUrl, adminToken),
    stop,
    ...createRoleStarts(roleEnv),
    /** Returns the ids of the processes that run a role. */
    rolePids: (role: string) =>
      descendants()
        .filter(({ command }) => command.includes(`${role}/main.ts`))
        .map(({ pid }) => pid),
    /** Returns the ids of the running encoders of this nowcast, without the ffmpegs that make pictures. */
    ffmpegPids: () =>
      descendants()
        .filter(({ command }) => /^(\S*\/)?ffmpeg /.test(command) && !makesPictures(command))
        .map(({ pid }) => pid),
    /** Waits until the edge responds with the multivariant playlist of the channel. */
    untilLive: (slug: string, timeoutMs = 15_000) =>
      waitFor(`${slug} to be live`, async () => (await fetch(`${edgeUrl}/live/${slug}/index.m3u8`)).ok, {
        timeoutMs,
      }),
    /** Waits until the manager is ready, for example after a role was killed. */
    untilReady: () => waitFor('nowcast to be ready', async () => (await fetch(`${managerUrl}/readyz`)).ok),
    /** Waits until the RTMP port accepts connections, for example after ingest was killed. */
    untilListening: () => waitFor('ingest to listen', () => isListening(Number(rtmp))),
    /** Returns the metrics of a role as Prometheus text. */
    metrics: (role: string) => metricsOf(supervisor, role),
  }
}

/** Returns functions that start more processes of roles, which the caller must stop. */
function createRoleStarts(roleEnv: NodeJS.ProcessEnv) {
  async function start<Ready extends object>(role: 'ingest' | 'transcoder') {
    const started = startProcess(process.execPath, [mainOf(role)], { env: { ...process.env, ...roleEnv } })
    return { ...started, ...(JSON.parse(await started.line(/"msg":"ready"/, 30_000)) as Ready) }
  }
  return {
    /** Starts another ingest. Returns it with its URL for publishers. */
    async startIngest() {
      const { rtmpPort, ...ingest } = await start<{ rtmpPort: number }>('ingest')
      return { ...ingest, rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live` }
    },
    /** Starts another transcoder. Returns it with its instance. */
    startTranscoder: () => start<{ instance: string }>('transcoder'),
  }
}

async function readiness(supervisor: TestProcess, managerUrl: string): Promise<void> {
  const ended = supervisor.exited.then(() => {
    throw new Error(`nowcast ended at its start:\n${supervisor.lines.slice(-30).join('\n')}`)
  })
  const ready = waitFor('nowcast to be ready', async () => (await fetch(`${managerUrl}/readyz`)).ok, {
    timeoutMs: 20_000,
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
}

/** Returns a client for the API of a manager, with the token of the operator. */
export function createApiClient(managerUrl: string, adminToken: string) {
  /**
   * Calls the manager's API as the operator. Returns the parsed body; undefined when it is empty. By default
   * its type is that of a new channel.
   * @throws Error with the text of any response that is not 2xx
   */
  return async function api<T = CreatedChannelView>(
    method: Method,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const response = await fetch(`${managerUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    recordSecretsIn(text)
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
}

/** Returns the metrics of a role, from the URL in the newest `ready` line of its log. */
async function metricsOf({ lines }: TestProcess, role: string): Promise<string> {
  const line = lines.findLast((each) => each.includes(`"role":"${role}"`) && each.includes('"msg":"ready"'))
  const { url } = JSON.parse(line ?? '{}') as { url?: string }
  return (await fetch(`${url}/metrics`, { headers: { 'cache-control': 'no-cache' } })).text()
}
