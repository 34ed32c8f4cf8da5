import { afterAll, beforeAll, expect, test } from 'vitest'
import { countTags, readFlv } from '../kit/ingest/flv-reader.ts'
import { type IngestFixture, startIngestFixture } from '../kit/ingest/ingest-fixture.ts'
import { startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { video } from '../kit/ingest/rtmp-bytes.ts'

let fixture: IngestFixture

beforeAll(async () => {
  fixture = await startIngestFixture()
})
afterAll(() => fixture?.stop())

/** Sequence start of HEVC in enhanced RTMP: 1280x720, FourCC `hvc1`. */
const hevcConfig = Buffer.from(
  '9068766331' +
    '0101600000009000000000005df000fcfdf8f800000f04200001001840010c01ffff01600000030090000003000003005d959409210001002b42010101600000030090000003000003005da00280802d16595952930bc05a020000030002000003003c10',
  'hex',
)
const hevcFrame = (isKey: boolean) =>
  Buffer.concat([Buffer.from([isKey ? 0x93 : 0xa3]), Buffer.from('hvc1'), Buffer.alloc(300)])

test('HEVC is accepted, measured and distributed, whatever ffmpeg can read', async () => {
  const ingest = await fixture.start()
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.send(video(hevcConfig, 0))
  for (let i = 0; i < 20; i++) publisher.send(video(hevcFrame(i === 0), i * 40))
  const { sessionId, source } = await fixture.sessionWithSource('demo')
  expect(source.video).toMatchObject({
    codec: 'hevc',
    codecString: 'hvc1.1.6.L93.90',
    width: 1280,
    height: 720,
    fps: 25,
  })
  const tags = readFlv(await ingest.pull(sessionId))
  await publisher.vanish()
  expect(await countTags(tags)).toBeGreaterThanOrEqual(20)
})
