import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NowcastError } from '../core/process/errors.ts'

/** What a newcomer needs to publish and watch. */
export interface DemoChannel {
  server: string
  streamKey: string
  watchUrl: string
}

interface ChannelAnswer {
  ingest: { server: string }
  playback: { watch: string }
}

/**
 * The channel `demo`, made at the first start of a data dir. One that the operator removed is not made again: then undefined.
 * @throws NowcastError `unavailable` when the manager answers otherwise than it should.
 */
export async function openDemoChannel(
  managerUrl: string,
  adminToken: string,
  dataDir: string,
): Promise<DemoChannel | undefined> {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${managerUrl}/v1/channels${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(15_000),
    })
    if (answer.ok) return (await answer.json()) as unknown
    if (answer.status === 404) return undefined
    throw new NowcastError('unavailable', `channel demo: the manager answers ${answer.status}`)
  }

  const marker = join(dataDir, 'demo-made')
  let channel = (await call('GET', '/demo')) as ChannelAnswer | undefined
  if (channel === undefined) {
    if (existsSync(marker)) return undefined
    channel = (await call('POST', '', { slug: 'demo', title: 'Demo' })) as ChannelAnswer
    writeFileSync(marker, '')
  }
  const { streamKey } = (await call('GET', '/demo/stream-key')) as { streamKey: string }
  return { server: channel.ingest.server, streamKey, watchUrl: channel.playback.watch }
}
