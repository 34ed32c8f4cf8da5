import { join } from 'node:path'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { startWhole } from '../../test/kit/whole.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { cpuShares } from '../figures/process-figures.ts'
import { keepResult } from '../figures/result-file.ts'
import { repeated } from '../figures/table.ts'
import { startNginxRtmp } from '../stand/nginx-rtmp.ts'
import { encodeSourceFile, publishFile } from '../stand/source-file.ts'

const publishers = 20
const settleMs = 6000
/** Each measurement is repeated within the same load. */
const [measureMs, repeats] = [4000, 5]

/**
 * Measures the CPU usage of ingest per publisher, with 20 publishers and the ladder off, and that of
 * nginx-rtmp under the same load.
 */
export async function ingestLoad(): Promise<SuiteResult> {
  const dir = makeTempDir()
  try {
    const file = join(dir.path, 'source.flv')
    encodeSourceFile(file)
    const relayed = await nginxShare(file, false)
    const packaged = await nginxShare(file, true)
    const ours = await ourShare(file)
    const percent = (shares: readonly number[]) => shares.map((share) => 100 * share)
    const ratio = (theirs: readonly number[]) =>
      ours.map((share, index) => share / (theirs[index] ?? Number.NaN))
    const unit = '% of a core'
    const figures = [
      repeated('nowcast ingest, each session pulled by a transcoder', unit, percent(ours), { atMost: 0.7 }),
      repeated('nginx-rtmp, relay only', unit, percent(relayed)),
      repeated('nginx-rtmp with HLS', unit, percent(packaged)),
      repeated('nowcast ÷ nginx-rtmp relay', '', ratio(relayed), { better: 'lower' }),
      repeated('nowcast ÷ nginx-rtmp with HLS', '', ratio(packaged), { better: 'lower' }),
    ]
    const conditions = `${publishers} publishers of 4 Mbit/s, medians of ${repeats} times ${measureMs / 1000} s`
    return keepResult('ingest', 'CPU of ingest per publisher', { figures }, conditions)
  } finally {
    dir.remove()
  }
}

/**
 * Measures the share of one core that the processes `pids` use per publisher, several times.
 * @throws Error when a publisher reports a problem
 */
async function sharePerPublisher(
  file: string,
  urls: readonly string[],
  pids: () => readonly number[],
): Promise<number[]> {
  const running = urls.map((url) => publishFile(file, url))
  try {
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    const perPublisher: number[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      const shares = await cpuShares(pids(), measureMs)
      perPublisher.push(shares.reduce((sum, share) => sum + share, 0) / urls.length)
    }
    const alive = running.filter(({ lines }) => lines.length === 0).length
    if (alive < running.length) throw new Error(`${running.length - alive} publishers complained`)
    return perPublisher
  } finally {
    await Promise.all(running.map((publisher) => publisher.stop('SIGINT')))
  }
}

async function nginxShare(file: string, hls: boolean): Promise<number[]> {
  const nginx = await startNginxRtmp({ hls })
  try {
    const urls = Array.from({ length: publishers }, (_, i) => `${nginx.rtmpUrl}/stream${i}`)
    return await sharePerPublisher(file, urls, () => nginx.pids)
  } finally {
    await nginx.stop()
  }
}

async function ourShare(file: string): Promise<number[]> {
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
