import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { review } from '../../core/coach/review.ts'
import { tagOf } from '../../core/media/flv-tag.ts'
import { PublishSession } from '../../ingest/session/publish-session.ts'
import { healthyFacts } from '../kit/coach/healthy-signal.ts'
import { readFlvMessages } from '../kit/flv-messages.ts'
import { type PublishOptions, publishArguments } from '../kit/publisher.ts'

const limits = { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6, maxBitrate: 50e6 }

/** Encodes a stream with ffmpeg as fast as it can. Returns its FLV. */
async function encode(options: Omit<PublishOptions, 'url'>): Promise<Buffer> {
  const args = publishArguments({ ...options, url: 'pipe:1' }).filter((each) => each !== '-re')
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 200e6 })
  return stdout
}

/**
 * Publishes a stream to a session whose clock is that of the stream, so that it takes no time. `delayAt`: how
 * late a packet arrives, by its time, both ms. Returns the issues that were found at its end.
 */
async function issuesOf(flv: Buffer, delayAt: (ms: number) => number) {
  const session = new PublishSession({ sessionId: 's_test', limits, onSource() {} })
  const samples = []
  let [now, sampled] = [500_000, 500_000]
  for (const { type, ms, payload } of readFlvMessages(flv)) {
    now = Math.max(now, 500_000 + ms + delayAt(ms))
    for (; sampled + 1000 <= now; sampled += 1000) {
      const measures = session.measure(sampled + 1000)
      if (measures) samples.push({ at: sampled + 1000, publish: 1, ...measures })
    }
    session.receive(type, ms, tagOf(type, 0, payload), now)
    session.flush()
  }
  const moments = review(samples, { ...healthyFacts, source: session.source })
  return moments.at(-1)?.issues.map(({ code, severity }) => `${code} ${severity}`)
}

// Small and slow, so that encoding takes less time. Another preset, because the usual one makes `baseline`.
const common = { size: '640x360', fps: 10, more: ['-preset', 'superfast', '-profile:v', 'main'] }

test('a stream of ffmpeg has no issue, and that of its delay behind a slow uplink', async () => {
  const flv = await encode({ ...common, seconds: 45, gopSeconds: 2, videoBitrate: 700_000 })
  expect(await issuesOf(flv, () => 0)).toEqual([])
  expect(await issuesOf(flv, (ms) => Math.max(0, ms - 35_000) * 0.2)).toEqual(['uplink_behind error'])
})

test('rare keyframes and a low bitrate are found', async () => {
  const flv = await encode({ ...common, seconds: 56, gopSeconds: 6, videoBitrate: 200_000 })
  expect(await issuesOf(flv, () => 0)).toEqual([
    'keyframe_interval_long warning',
    'video_bitrate_low warning',
  ])
})
