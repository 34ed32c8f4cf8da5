import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NowcastError } from '../../core/process/errors.ts'

/** What a newcomer needs to publish and watch. */
export interface DemoChannel {
  server: string
  streamKey: string
  watchUrl: string
}

interface ChannelResponse {
  ingest: { server: string }
  playback: { watch: string }
}

/**
 * Returns the channel `demo`, which is created at the first start of a data dir. Undefined when the operator
 * has removed it since.
 * @throws NowcastError `unavailable` when the manager refuses.
 */
export async function openDemoChannel(
  managerUrl: string,
  adminToken: string,
  dataDir: string,
): Promise<DemoChannel | undefined> {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${managerUrl}/v1/channels${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(15_000),
    })
    if (response.ok) return (await response.json()) as unknown
    if (response.status === 404) return undefined
    throw new NowcastError('unavailable', `channel demo: the manager responds with ${response.status}`)
  }

  const marker = join(dataDir, 'demo-made')
  let channel = (await call('GET', '/demo')) as ChannelResponse | undefined
  if (channel === undefined) {
    if (existsSync(marker)) return undefined
    channel = (await call('POST', '', { slug: 'demo', title: 'Demo' })) as ChannelResponse
    writeFileSync(marker, '')
  }
  const { streamKey } = (await call('GET', '/demo/stream-key')) as { streamKey: string }
  return { server: channel.ingest.server, streamKey, watchUrl: channel.playback.watch }
}

export interface BannerFacts {
  demo: DemoChannel | undefined
  consoleUrl: string
  adminToken: string
  /** Time from the start until everything was ready, ms. */
  readyMs: number
}

/** Returns the banner that the operator sees when everything is ready. */
export function bannerOf({ demo, consoleUrl, adminToken, readyMs }: BannerFacts): string {
  const rows: [name: string, value: string][] = demo
    ? [
        ['OBS server', demo.server],
        ['stream key', demo.streamKey],
        ['watch page', demo.watchUrl],
      ]
    : []
  rows.push(['console', consoleUrl], ['admin token', adminToken])
  return [
    '',
    `nowcast is ready (${(readyMs / 1000).toFixed(1)} s), Ctrl-C stops it`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`),
    '',
    '',
  ].join('\n')
}
