import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStopRequests } from '../../core/contracts/stop-requests.ts'
import { countTags, readFlv } from '../kit/ingest/flv-reader.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { publishBytes } from '../kit/ingest/rtmp-bytes.ts'
import { connectRtmp } from '../kit/ingest/rtmp-client.ts'
import { waitFor } from '../kit/wait-for.ts'

let fixture: IngestFixture
let ingest: TestIngest

beforeAll(async () => {
  fixture = await startIngestFixture()
  ingest = await fixture.start()
})
afterAll(() => fixture?.stop())

/** Sends media each second, so that the session does not end as idle. Returns a function that stops this. */
function keepSending(publisher: Awaited<ReturnType<typeof startRawPublisher>>): () => void {
  publisher.sendConfigs()
  let time = 2000
  const timer = setInterval(() => {
    publisher.sendKeyframe(time)
    time += 1000
  }, 1000)
  return () => clearInterval(timer)
}

test('a live session survives an outage of Redis, known keys stay valid, and everything is announced again', async () => {
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await fixture.sessionWithSource('demo')
  const stopMedia = keepSending(publisher)
  const other = await startRawPublisher(ingest.rtmpPort, 'key-other')
  await other.vanish()

  await fixture.redis.kill()
  publisher.sendKeyframe(1000)
  // A publisher that has fallen silent would lose its channel to the rival.
  let time = 1000
  const sound = setInterval(() => {
    time += 50
    publisher.sendSound(time)
  }, 50)
  publisher.socket.once('close', () => clearInterval(sound))
  const tags = readFlv(await ingest.pull(sessionId))
  expect((await tags.next()).done).toBe(false)
  const again = await startRawPublisher(ingest.rtmpPort, 'key-other')
  const stopOther = keepSending(again)
  const stranger = await connectRtmp(ingest.rtmpPort)
  stranger.send(publishBytes('key-open'))
  await stranger.receives('cannot be checked right now')
  const rival = await connectRtmp(ingest.rtmpPort)
  rival.send(publishBytes('key-demo'))
  await rival.receives('already publishing')

  await fixture.redis.restart()
  await fixture.grantAll()
  const slugs = () =>
    fixture.registry.sessions().then((sessions) => sessions.map(({ slug }) => slug).toSorted())
  await waitFor('both sessions to be announced', async () => (await slugs()).join() === 'demo,other')
  expect((await fixture.registry.session(sessionId))?.source?.video?.codec).toBe('h264')

  stopOther()
  await again.vanish()
  await createStopRequests(fixture.client).request({
    sessionId,
    reason: 'stopped',
    detail: 'by the operator',
  })
  await publisher.receives('by the operator')
  stopMedia()
  expect(await countTags(tags)).toBeGreaterThan(0)
  await waitFor('the end to be logged', async () =>
    (await fixture.events()).some((event) => event.type === 'ended' && event.reason === 'stopped'),
  )
})

test('stopping the process ends its sessions in order', async () => {
  const second = await fixture.start()
  const publisher = await startRawPublisher(second.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await fixture.sessionWithSource('demo')
  const body = await second.pull(sessionId)
  const exit = second.process.stop()
  await countTags(readFlv(body))
  expect(await exit).toEqual({ code: 0, signal: null })
  expect(await fixture.registry.session(sessionId)).toBeUndefined()
  const ended = (await fixture.events()).find(
    (event) => event.type === 'ended' && event.sessionId === sessionId,
  )
  expect(ended).toMatchObject({ reason: 'shutdown' })
})
