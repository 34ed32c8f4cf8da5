import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFlv } from '../kit/ingest/flv-reader.ts'
import { hostileMessages, truncatedPublishes } from '../kit/ingest/hostile-messages.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { attackRtmp, tryPublish } from '../kit/ingest/rtmp-attack.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'

let fixture: IngestFixture
let ingest: TestIngest
let publisher: TestProcess
let sessionId: string
/** Longest time for which the subscriber of the live session waited for a video frame, ms. */
let longestGap = 0
let reading: Promise<void>
/** Time for which a connection that sends only its first byte stayed open, ms. */
let silence: Promise<number>
const stopReading = new AbortController()

beforeAll(async () => {
  fixture = await startIngestFixture()
  ingest = await fixture.start({ NOWCAST_INGEST_MAX_CONNECTIONS_PER_ADDRESS: '200' })
  publisher = startPublisher({ url: ingest.rtmpUrl('key-demo'), size: '320x180' })
  sessionId = (await fixture.sessionWithSource('demo')).sessionId
  silence = staySilent()
  reading = read(await ingest.pull(sessionId, stopReading.signal))
})

afterAll(async () => {
  await publisher?.stop('SIGKILL')
  await fixture?.stop()
})

async function staySilent() {
  const startedAt = performance.now()
  await tryPublish(ingest.rtmpPort, Buffer.from([3]), 8000)
  return performance.now() - startedAt
}

async function read(body: Response) {
  let last = performance.now()
  for await (const { type } of readFlv(body)) {
    if (type !== 9) continue
    longestGap = Math.max(longestGap, performance.now() - last)
    last = performance.now()
  }
}

describe.concurrent('is not accepted:', () => {
  test.each(Object.entries(hostileMessages))('%s', async (_name, bytes) => {
    expect(await tryPublish(ingest.rtmpPort, bytes, 300)).toBe(false)
  })
})

test('no truncated publish is accepted', async () => {
  const cuts = truncatedPublishes()
  while (cuts.length > 0) {
    const attempts = cuts.splice(0, 40).map((bytes) => tryPublish(ingest.rtmpPort, bytes, 50))
    expect(await Promise.all(attempts)).not.toContain(true)
  }
})

test('random bytes and modified messages are not accepted', async () => {
  const report = await attackRtmp({ port: ingest.rtmpPort, seconds: 3, parallel: 8 })
  expect(report).toMatchObject({ accepted: 0, failed: 0 })
  expect(report.connections).toBeGreaterThan(50)
})

test('a silent connection is cut after the handshake timeout', async () => {
  expect(await silence).toBeLessThan(6500)
  expect(
    await ingest.metric('nowcast_ingest_refusals_total', 'reason="handshake_timeout"'),
  ).toBeGreaterThanOrEqual(1)
})

test('the live session was not affected', async () => {
  const sessions = await fixture.registry.sessions()
  expect(sessions.map((session) => session.sessionId)).toEqual([sessionId])
  expect((await fixture.events()).filter((event) => event.type === 'started')).toHaveLength(1)
  expect(longestGap).toBeLessThan(1000)
  expect(await ingest.metric('nowcast_ingest_flv_readers_dropped_total')).toBe(0)
  expect(ingest.process.lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([])
  stopReading.abort()
  await reading.catch(() => {})
})
