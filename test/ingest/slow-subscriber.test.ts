import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRaw } from '../kit/http/raw-connection.ts'
import { countTags, readFlv } from '../kit/ingest/flv-reader.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { chunks } from '../kit/ingest/rtmp-bytes.ts'
import { waitFor } from '../kit/wait-for.ts'

let fixture: IngestFixture
let ingest: TestIngest

beforeAll(async () => {
  fixture = await startIngestFixture()
  ingest = await fixture.start()
})
afterAll(() => fixture?.stop())

const frameBytes = 1024 * 1024
const chunkSize = 65_536

test('a subscriber that does not read is dropped, others continue', async () => {
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await fixture.sessionWithSource('demo')
  const { socket: stuck, send } = await openRaw(ingest.url)
  stuck.pause()
  send(`GET /flv/${sessionId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ingest.sourceKey}\r\n\r\n`)
  const good = readFlv(await ingest.pull(sessionId))
  await waitFor('both subscribers', async () => (await ingest.metric('nowcast_ingest_flv_readers')) === 2)

  const newChunkSize = Buffer.alloc(4)
  newChunkSize.writeUInt32BE(chunkSize)
  publisher.send(chunks({ type: 1, payload: newChunkSize, chunkStream: 2 }))
  const payload = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(frameBytes, 5)])
  for (let i = 1; i <= 40; i++) {
    publisher.send(chunks({ type: 9, payload, timestamp: i * 33, streamId: 1, chunkStream: 6, chunkSize }))
    // The next frame is sent only after the good subscriber has received this one.
    for await (const { timestamp } of { [Symbol.asyncIterator]: () => ({ next: () => good.next() }) })
      if (timestamp === i * 33) break
  }
  expect(await ingest.metric('nowcast_ingest_flv_readers_dropped_total')).toBe(1)
  expect(await ingest.metric('nowcast_ingest_flv_readers')).toBe(1)
  stuck.destroy()
  await publisher.vanish()
  // Only the tag that ends the FLV of a session is left.
  expect(await countTags(good)).toBe(1)
})
