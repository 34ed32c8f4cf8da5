import { join } from 'node:path'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { startWhole } from '../../test/kit/whole.ts'
import { cpuShares } from '../figures/process-figures.ts'
import { writeResult } from '../figures/result-file.ts'
import { figureTable } from '../figures/table.ts'
import { startNginxRtmp } from '../stand/nginx-rtmp.ts'
import { encodeSourceFile, publishFile } from '../stand/source-file.ts'

const publishers = 20
const settleMs = 6000
const measureMs = 20_000

/**
 * Measures the CPU use of ingest per publisher, with 20 publishers and the ladder off, and that of nginx-rtmp
 * under the same load. The table is also written to a file.
 */
export async function ingestLoad(): Promise<string> {
  const dir = makeTempDir()
  try {
    const file = join(dir.path, 'source.flv')
    encodeSourceFile(file)
    const relayed = await nginxShare(file, false)
    const packaged = await nginxShare(file, true)
    const ours = await ourShare(file)
    const table = figureTable([
      {
        name: 'nowcast ingest, each session pulled by a transcoder',
        value: ours * 100,
        unit: '% of a core',
        atMost: 0.7,
      },
      { name: 'nginx-rtmp, relay only', value: relayed * 100, unit: '% of a core' },
      { name: 'nginx-rtmp with HLS', value: packaged * 100, unit: '% of a core' },
      { name: 'nowcast ÷ nginx-rtmp relay', value: ours / relayed, unit: '' },
      { name: 'nowcast ÷ nginx-rtmp with HLS', value: ours / packaged, unit: '' },
    ])
    const conditions = `${publishers} publishers of 4 Mbit/s, ${measureMs / 1000} s`
    return writeResult('ingest', 'CPU of ingest per publisher', table, conditions)
  } finally {
    dir.remove()
  }
}

/** Publishes `file` to all `urls`. Returns the share of a core that the processes use per publisher. */
async function sharePerPublisher(
  file: string,
  urls: readonly string[],
  pids: () => readonly number[],
): Promise<number> {
  const running = urls.map((url) => publishFile(file, url))
  try {
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    const shares = await cpuShares(pids(), measureMs)
    const alive = running.filter(({ lines }) => lines.length === 0).length
    if (alive < running.length) throw new Error(`${running.length - alive} publishers complained`)
    return shares.reduce((sum, share) => sum + share, 0) / urls.length
  } finally {
    await Promise.all(running.map((publisher) => publisher.stop('SIGINT')))
  }
}

async function nginxShare(file: string, hls: boolean): Promise<number> {
  const nginx = await startNginxRtmp({ hls })
  try {
    const urls = Array.from({ length: publishers }, (_, i) => `${nginx.rtmpUrl}/stream${i}`)
    return await sharePerPublisher(file, urls, () => nginx.pids)
  } finally {
    await nginx.stop()
  }
}

async function ourShare(file: string): Promise<number> {
  const env = { NOWCAST_LADDER: 'off', NOWCAST_TRANSCODER_SESSIONS: String(publishers) }
  const whole = await startWhole({ env })
  try {
    const urls: string[] = []
    for (let i = 0; i < publishers; i++) {
      const { streamKey } = await whole.api('POST', '/v1/channels', { slug: `load-${i}` })
      urls.push(`${whole.rtmpUrl}/${streamKey}`)
    }
    return await sharePerPublisher(file, urls, () => whole.rolePids('ingest'))
  } finally {
    await whole.stop()
  }
}
