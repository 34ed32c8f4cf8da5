import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestProcess } from '../../../test/kit/processes.ts'
import { root } from '../../../test/kit/root.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { startWhole } from '../../../test/kit/whole.ts'
import { measureTree, type Usage } from '../../figures/process-tree.ts'
import { undisturbed } from '../../figures/undisturbed.ts'
import { startMediaMtx } from '../../stand/mediamtx.ts'
import { publishFile } from '../../stand/source-file.ts'

/** Usage of a whole instance or server, by name of the role or program. */
export type Usages = ReadonlyMap<string, Usage>

export interface Load {
  /** Path of the file that each publisher sends. */
  file: string
  streams: number
  measureMs: number
}

/** Time from the start of the publishers to the measurement, ms. By then the windows of media are full. */
const warmMs = 30_000

/** Settings with which an instance passes all streams through. */
const passingOnly = (streams: number) => ({
  NOWCAST_LADDER: 'off',
  // `npm start` sets this, too: roles start with compiled code.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'nowcast', 'compiled'),
  NOWCAST_TRANSCODER_SESSIONS: String(streams),
})

/**
 * Starts an instance and publishers for all its channels. Resolves after `warmMs`, when each channel has
 * parts.
 */
export async function startLoadedNowcast({ file, streams }: Load, env: Record<string, string> = {}) {
  const whole = await startWhole({ env: { ...passingOnly(streams), ...env } })
  const publishers: TestProcess[] = []
  const stop = async () => {
    await stopAll(publishers)
    await whole.stop()
  }
  try {
    for (let i = 0; i < streams; i++) {
      const { streamKey } = await whole.api('POST', '/v1/channels', { slug: `pass-${i}`, latency: 'low' })
      publishers.push(publishFile(file, `${whole.rtmpUrl}/${streamKey}`))
    }
    await delay(warmMs)
    for (let i = 0; i < streams; i++) await expectParts(`${whole.edgeUrl}/live/pass-${i}/index.m3u8`)
    return { whole, publishers, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export async function measureNowcast(load: Load): Promise<Usages> {
  const { whole, publishers, stop } = await startLoadedNowcast(load)
  try {
    const root = { pid: whole.supervisor.pid, parent: process.pid, command: 'infra/main.ts' }
    const usages = await undisturbed(() => measureTree(root, load.measureMs))
    expectCalm(publishers)
    return usages
  } finally {
    await stop()
  }
}

export async function measureMediaMtx({ file, streams, measureMs }: Load): Promise<Usages> {
  const server = await startMediaMtx()
  const names = Array.from({ length: streams }, (_, i) => `pass-${i}`)
  const publishers = names.map((name) => publishFile(file, `${server.rtmpUrl}/${name}`))
  try {
    await delay(warmMs)
    for (const name of names) await expectParts(server.playlistUrl(name))
    const root = { pid: server.pid, parent: process.pid, command: 'mediamtx' }
    const usages = await undisturbed(() => measureTree(root, measureMs))
    expectCalm(publishers)
    return usages
  } finally {
    await stopAll(publishers)
    await server.stop()
  }
}

const stopAll = (publishers: readonly TestProcess[]) =>
  Promise.all(publishers.map((publisher) => publisher.stop('SIGINT')))

function expectCalm(publishers: readonly TestProcess[]): void {
  const complaints = publishers.flatMap(({ lines }) => lines.slice(0, 1))
  if (complaints.length > 0) throw new Error(`${complaints.length} publishers complained: ${complaints[0]}`)
}

/** Resolves when the first variant of a stream lists parts. */
async function expectParts(multivariantUrl: string): Promise<void> {
  await waitFor(`parts at ${multivariantUrl}`, async () => {
    const multivariant = await (await fetch(multivariantUrl)).text()
    const uri = multivariant.split('\n').find((line) => line !== '' && !line.startsWith('#'))
    if (uri === undefined) return false
    return (await (await fetch(new URL(uri, multivariantUrl))).text()).includes('#EXT-X-PART:')
  })
}
