import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRaw } from '../kit/http/raw-connection.ts'
import { readFlv } from '../kit/ingest/flv-reader.ts'
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
/** Length of the script data of a keep-alive. On a busy machine they come between the frames. */
const keepAliveBytes = 2

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
  for (let i = 1; i <= 40; i++) {
    const payload = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(frameBytes, i)])
    publisher.send(chunks({ type: 9, payload, timestamp: i * 33, streamId: 1, chunkStream: 6, chunkSize }))
    // The next frame is sent only after the good subscriber has received this one. Its timestamp does not
    // identify it: on a busy machine the frames come so late that the clock of the session moves them.
    for (let last: number | undefined; last !== i; ) {
      const { value, done } = await good.next()
      if (done) throw new Error(`the good subscriber ended before frame ${i}`)
      last = value.payload.at(-1)
    }
  }
  expect(await ingest.metric('nowcast_ingest_flv_readers_dropped_total')).toBe(1)
  expect(await ingest.metric('nowcast_ingest_flv_readers')).toBe(1)
  stuck.destroy()
  await publisher.vanish()
  const rest: number[] = []
  for await (const { type, payload } of good)
    if (type !== 18 || payload.length !== keepAliveBytes) rest.push(type)
  // Beside keep-alives, only the tag that ends the FLV of a session is left.
  expect(rest).toEqual([18])
})
