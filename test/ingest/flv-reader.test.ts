import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countTags, readFlv } from '../kit/flv-read.ts'
import { type IngestBench, startIngestBench, type TestIngest } from '../kit/ingest.ts'
import { startRawPublisher } from '../kit/raw-publisher.ts'
import { chunks } from '../kit/rtmp-client.ts'
import { waitFor } from '../kit/wait-for.ts'

let bench: IngestBench
let ingest: TestIngest

beforeAll(async () => {
  bench = await startIngestBench()
  ingest = await bench.start()
})
afterAll(() => bench?.stop())

const frameBytes = 1024 * 1024
const chunkSize = 65_536

test('a reader that does not read is torn off, others go on', async () => {
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await bench.sessionWithSource('demo')
  const { hostname, port } = new URL(ingest.url)
  const stuck = connect(Number(port), hostname)
  stuck.on('error', () => {})
  stuck.pause()
  stuck.write(
    `GET /flv/${sessionId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ingest.clusterSecret}\r\n\r\n`,
  )
  const good = readFlv(await ingest.pull(sessionId))
  await waitFor('both readers', async () => (await ingest.metric('nowcast_ingest_flv_readers{')) === 2)

  const newChunkSize = Buffer.alloc(4)
  newChunkSize.writeUInt32BE(chunkSize)
  publisher.send(chunks({ type: 1, payload: newChunkSize, chunkStream: 2 }))
  const payload = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(frameBytes, 5)])
  for (let i = 1; i <= 40; i++) {
    publisher.send(chunks({ type: 9, payload, timestamp: i * 33, streamId: 1, chunkStream: 6, chunkSize }))
    // The next frame is sent when the good reader has this one.
    for await (const { timestamp } of { [Symbol.asyncIterator]: () => ({ next: () => good.next() }) })
      if (timestamp === i * 33) break
  }
  expect(await ingest.metric('nowcast_ingest_flv_readers_dropped_total')).toBe(1)
  expect(await ingest.metric('nowcast_ingest_flv_readers{')).toBe(1)
  stuck.destroy()
  await publisher.vanish()
  expect(await countTags(good)).toBe(0)
})
