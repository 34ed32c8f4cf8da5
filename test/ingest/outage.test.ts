import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStopRequests } from '../../core/contracts/stop-requests.ts'
import { countTags, readFlv } from '../kit/flv-read.ts'
import { type IngestBench, startIngestBench, type TestIngest } from '../kit/ingest.ts'
import { startRawPublisher } from '../kit/raw-publisher.ts'
import { connectRtmp, publishBytes } from '../kit/rtmp-client.ts'
import { waitFor } from '../kit/wait-for.ts'

let bench: IngestBench
let ingest: TestIngest

beforeAll(async () => {
  bench = await startIngestBench()
  ingest = await bench.start()
})
afterAll(() => bench?.stop())

test('a live session outlives Redis, known keys stay good, and all is told again after', async () => {
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await bench.sessionWithSource('demo')
  const other = await startRawPublisher(ingest.rtmpPort, 'key-other')
  await other.vanish()

  await bench.redis.kill()
  publisher.sendKeyframe(1000)
  const tags = readFlv(await ingest.pull(sessionId))
  expect((await tags.next()).done).toBe(false)
  const again = await startRawPublisher(ingest.rtmpPort, 'key-other')
  const stranger = await connectRtmp(ingest.rtmpPort)
  stranger.send(publishBytes('key-open'))
  await stranger.hears('cannot be checked right now')
  const rival = await connectRtmp(ingest.rtmpPort)
  rival.send(publishBytes('key-demo'))
  await rival.hears('already publishing')

  await bench.redis.restart()
  await bench.grantAll()
  const slugs = () =>
    bench.registry.sessions().then((sessions) => sessions.map(({ slug }) => slug).toSorted())
  await waitFor('both sessions to be told', async () => (await slugs()).join() === 'demo,other')
  expect((await bench.registry.session(sessionId))?.source?.video?.codec).toBe('h264')

  await again.vanish()
  await createStopRequests(bench.client).request({ sessionId, reason: 'stopped', detail: 'by the operator' })
  await publisher.hears('by the operator')
  expect(await countTags(tags)).toBeGreaterThan(0)
  await waitFor('the end to be told', async () =>
    (await bench.events()).some((event) => event.type === 'ended' && event.reason === 'stopped'),
  )
})

test('a stop of the process ends its sessions in order', async () => {
  const second = await bench.start()
  const publisher = await startRawPublisher(second.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await bench.sessionWithSource('demo')
  const body = await second.pull(sessionId)
  const exit = second.process.stop()
  await countTags(readFlv(body))
  expect(await exit).toEqual({ code: 0, signal: null })
  expect(await bench.registry.session(sessionId)).toBeUndefined()
  const ended = (await bench.events()).find(
    (event) => event.type === 'ended' && event.sessionId === sessionId,
  )
  expect(ended).toMatchObject({ reason: 'shutdown' })
})
