import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChannelView, CreatedChannelView, NewChannel, StreamKeyView } from '../../core/api/channel.ts'
import { NowcastError } from '../../core/process/errors.ts'
import { replaceFile } from '../../core/process/exclusive-file.ts'
import { adminTokenFile, firstAccountFile } from '../../core/process/secrets.ts'

/** What the operator of a new instance needs to publish and watch. */
export interface DemoChannel {
  server: string
  streamKey: string
  watchUrl: string
}

/**
 * Returns the channel `demo`, which is created at the first start of a data dir; undefined when the operator
 * has removed the channel since.
 * @throws NowcastError `unavailable` when the manager responds with an error; the error of `fetch` when it
 * does not respond within 15 s.
 */
export async function openDemoChannel(
  managerUrl: string,
  adminToken: string,
  dataDir: string,
): Promise<DemoChannel | undefined> {
  async function call<Body>(method: string, path: string, body?: NewChannel): Promise<Body | undefined> {
    const response = await fetch(`${managerUrl}/v1/channels${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(15_000),
    })
    if (response.ok) return (await response.json()) as Body
    if (response.status === 404) return undefined
    throw new NowcastError('unavailable', `channel demo: the manager responds with ${response.status}`)
  }

  const marker = join(dataDir, 'demo-made')
  let channel = await call<ChannelView>('GET', '/demo')
  if (channel === undefined) {
    if (existsSync(marker)) return undefined
    channel = await call<CreatedChannelView>('POST', '', { slug: 'demo', title: 'Demo' })
    writeFileSync(marker, '')
  }
  const key = await call<StreamKeyView>('GET', '/demo/stream-key')
  if (channel === undefined || key === undefined) return undefined
  return { server: channel.ingest.server, streamKey: key.streamKey, watchUrl: channel.playback.watch }
}

/** Returns the link that creates the first account; undefined when there is an account. */
export function firstAccountLink(dataDir: string): string | undefined {
  const file = join(dataDir, firstAccountFile)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

export interface BannerFacts {
  demo: DemoChannel | undefined
  consoleUrl: string
  adminToken: string
  /** Link that creates the first account; undefined when there is an account. */
  firstAccount: string | undefined
  /** Time from the start until everything was ready, ms. */
  readyMs: number
}

/** Path of the stream key of the channel `demo`, relative to the data dir. */
const demoKeyFile = 'secrets/demo-stream-key'

/**
 * Replaces the secrets by the paths of files that hold them, with mode 0600. `givenToken` is the admin token
 * that the operator has set; the data dir does not have it.
 */
export function withPaths(given: BannerFacts, dataDir: string, givenToken: string | undefined): BannerFacts {
  const adminToken =
    givenToken === undefined ? join(dataDir, adminTokenFile) : 'as set in NOWCAST_ADMIN_TOKEN'
  const firstAccount = given.firstAccount && join(dataDir, firstAccountFile)
  const facts = { ...given, adminToken, firstAccount }
  if (facts.demo === undefined) return facts
  const keyFile = join(dataDir, demoKeyFile)
  replaceFile(keyFile, `${facts.demo.streamKey}\n`)
  return { ...facts, demo: { ...facts.demo, streamKey: keyFile } }
}

/** Returns the banner that the operator sees when everything is ready. */
export function bannerOf({ demo, consoleUrl, adminToken, firstAccount, readyMs }: BannerFacts): string {
  const rows: [name: string, value: string][] = demo
    ? [
        ['OBS server', demo.server],
        ['stream key', demo.streamKey],
        ['watch page', demo.watchUrl],
      ]
    : []
  rows.push(['console', consoleUrl], ['admin token', adminToken])
  if (firstAccount !== undefined) rows.push(['owner link', firstAccount])
  return [
    '',
    `nowcast is ready (${(readyMs / 1000).toFixed(1)} s), Ctrl-C stops it`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`),
    '',
    '',
  ].join('\n')
}
