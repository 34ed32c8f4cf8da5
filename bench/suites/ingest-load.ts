import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { startProcess, type TestProcess } from '../../test/kit/processes.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { startWhole } from '../../test/kit/whole.ts'
import { cpuShares } from '../figures/process-figures.ts'
import { writeResult } from '../figures/result-file.ts'
import { figureTable } from '../figures/table.ts'
import { startNginxRtmp } from '../stand/nginx-rtmp.ts'

const publishers = 20
const kbps = 4000
const settleMs = 6000
const measureMs = 20_000

/**
 * CPU of ingest per publisher, with 20 publishers and the ladder off, and of nginx-rtmp under the same load.
 * The table is also written to a file.
 */
export async function ingestLoad(): Promise<string> {
  const dir = makeTempDir()
  try {
    const file = join(dir.path, 'source.flv')
    makeSource(file)
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
    const conditions = `${publishers} publishers of ${kbps / 1000} Mbit/s, ${measureMs / 1000} s`
    return writeResult('ingest', 'CPU of ingest per publisher', table, conditions)
  } finally {
    dir.remove()
  }
}

/** Encodes ten seconds of 720p30 at a constant bitrate once, so that publishers only copy. */
function makeSource(file: string): void {
  const rate = `${kbps}k`
  execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30,noise=alls=40:allf=t'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', '10', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-keyint_min', '60', '-sc_threshold', '0'],
    ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate, '-x264-params', 'nal-hrd=cbr'],
    ...['-c:a', 'aac', '-b:a', '128k', '-f', 'flv', file],
  ])
}

function publishAll(file: string, urls: readonly string[]): TestProcess[] {
  return urls.map((url) =>
    startProcess('ffmpeg', [
      ...['-loglevel', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file],
      ...['-c', 'copy', '-f', 'flv', url],
    ]),
  )
}

/** Measures which share of one core the processes `pids` use per publisher. */
async function sharePerPublisher(
  file: string,
  urls: readonly string[],
  pids: () => readonly number[],
): Promise<number> {
  const running = publishAll(file, urls)
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
