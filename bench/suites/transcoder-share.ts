import { startWhole } from '../../test/kit/whole.ts'
import { resultOf, type SuiteResult } from '../figures/figure-file.ts'
import { cpuShares } from '../figures/process-figures.ts'
import { repeated } from '../figures/table.ts'
import { publishClock } from '../stand/clock-publisher.ts'

const runs = 5
const runMs = 10_000

/**
 * Measures the CPU of the transcoder and that of its ffmpeg, for one 720p30 channel with its full ladder.
 * Returns medians of 5 periods of 10 s.
 */
export async function transcoderShare(): Promise<SuiteResult> {
  const whole = await startWhole()
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug: 'share' })
  const publisher = publishClock({
    url: `${whole.rtmpUrl}/${streamKey}`,
    width: 1280,
    height: 720,
    kbps: 3000,
    seconds: 120,
  })
  try {
    await whole.untilLive('share')
    await new Promise((resolve) => setTimeout(resolve, 8000))
    const own: number[] = []
    const encoding: number[] = []
    for (let run = 0; run < runs; run++) {
      const transcoders = whole.rolePids('transcoder')
      const ffmpegs = whole.ffmpegPids()
      const shares = await cpuShares([...transcoders, ...ffmpegs], runMs)
      own.push(sum(shares.slice(0, transcoders.length)))
      encoding.push(sum(shares.slice(transcoders.length)))
    }
    const ratios = own.map((share, run) => (100 * share) / (encoding[run] ?? Number.NaN))
    return resultOf([
      repeated('transcoder', '% of a core', percent(own), { better: 'lower' }),
      repeated('its ffmpeg', '% of a core', percent(encoding), { better: 'lower' }),
      repeated('transcoder ÷ its ffmpeg', '%', ratios, { atMost: 5 }),
    ])
  } finally {
    await publisher.stop()
    await whole.stop()
  }
}

const percent = (shares: readonly number[]) => shares.map((share) => 100 * share)
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
