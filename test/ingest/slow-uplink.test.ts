import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSchedule } from '../../bench/link/conditions.ts'
import { createLink } from '../../bench/link/link.ts'
import { type LinkProxy, startLinkProxy } from '../../bench/link/link-proxy.ts'
import { review } from '../../core/coach/review.ts'
import { createSignalLog } from '../../core/coach/signal/signal-log.ts'
import { healthyFacts } from '../kit/coach/healthy-signal.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { freePort } from '../kit/ports.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { waitFor } from '../kit/wait-for.ts'

/** Time for which the uplink is fast enough, s. Then it carries half of the stream. */
const goodSeconds = 4
/** Maximum time until a streamer reads about a slow uplink, ms. */
const maxMs = 5000

let fixture: IngestFixture
let ingest: TestIngest
let proxy: LinkProxy
let publisher: TestProcess | undefined

beforeAll(async () => {
  fixture = await startIngestFixture()
  ingest = await fixture.start()
})
afterAll(async () => {
  await publisher?.stop('SIGKILL')
  proxy?.close()
  await fixture?.stop()
})

test('an uplink that becomes too slow is found within 5 s, and not before', async () => {
  const port = await freePort()
  proxy = await startLinkProxy([{ port, target: ingest.rtmpPort }])
  const base = { downKbps: 10_000, upKbps: 6000, rttMs: 30, jitterMs: 10, loss: 0, queueBytes: 100_000 }
  const schedule = createSchedule({
    base: { ...base, congestion: 'bbr', address: '127.0.0.1' },
    phases: [{ seconds: goodSeconds }, { seconds: 60, upKbps: 500 }],
  })
  const slowAt = Date.now() + goodSeconds * 1000
  proxy.use(createLink(schedule, 1))
  const url = `rtmp://127.0.0.1:${port}/live/key-demo`
  publisher = startPublisher({ url, size: '320x180', videoBitrate: 900_000 })
  const { sessionId } = await fixture.sessionWithSource('demo')
  const signals = createSignalLog(fixture.client)
  const issue = await waitFor('an issue of the uplink', async () => {
    const moments = review(await signals.newest(sessionId), healthyFacts)
    const uplink = ['uplink_behind', 'starved', 'uplink_saturated', 'jitter_high']
    return moments.at(-1)?.issues.find(({ code }) => uplink.includes(code))
  })
  expect(['uplink_behind', 'starved']).toContain(issue.code)
  expect(issue.since).toBeGreaterThan(slowAt)
  expect(Date.now() - slowAt).toBeLessThan(maxMs)
})
