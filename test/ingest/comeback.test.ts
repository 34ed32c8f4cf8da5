import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStopRequests } from '../../core/contracts/stop-requests.ts'
import { readFlv } from '../kit/ingest/flv-reader.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { raceToPublish, startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { command, publishBytes } from '../kit/ingest/rtmp-bytes.ts'
import { connectRtmp } from '../kit/ingest/rtmp-client.ts'
import { waitFor } from '../kit/wait-for.ts'

let fixture: IngestFixture
let one: TestIngest
let two: TestIngest

beforeAll(async () => {
  fixture = await startIngestFixture()
  const env = { NOWCAST_GRACE_MS: '60000' }
  ;[one, two] = await Promise.all([fixture.start(env), fixture.start(env)])
})
afterAll(() => fixture?.stop())

/** Starts a publisher whose source becomes known. `isSteady`: it sends until its connection closes. */
async function goLive(ingest: TestIngest, slug: string, isSteady = false) {
  const publisher = await startRawPublisher(ingest.rtmpPort, `key-${slug}`)
  let time = 0
  const send = () => {
    if (time % 1000 === 0) publisher.sendKeyframe(time)
    publisher.sendSound(time)
    time += 50
  }
  publisher.sendConfigs()
  send()
  if (isSteady) {
    const timer = setInterval(send, 50)
    publisher.socket.once('close', () => clearInterval(timer))
  }
  const session = await fixture.sessionWithSource(slug)
  return { publisher, session, ended: once(publisher.socket, 'close') }
}

const recordOf = (sessionId: string) => fixture.registry.session(sessionId)
const untilInterrupted = (sessionId: string) =>
  waitFor('the interruption', async () => (await recordOf(sessionId))?.interruption)

/** Ends a session as an operator does. Resolves with its events when it is gone. */
async function end(sessionId: string) {
  await createStopRequests(fixture.client).request({ sessionId, reason: 'stopped', detail: null })
  await waitFor('the end', async () => (await recordOf(sessionId)) === undefined)
  return (await fixture.events()).filter(
    (event) => (event.type === 'started' ? event.session.sessionId : event.sessionId) === sessionId,
  )
}

test.each(['the same ingest', 'another ingest'])(
  'a publisher that is lost and returns to %s continues its session',
  async (where) => {
    const { publisher, session } = await goLive(one, 'demo')
    const { sessionId } = session
    const subscribed = readFlv(await one.pull(sessionId))
    await publisher.vanish()
    const interruption = await untilInterrupted(sessionId)
    expect(interruption).toMatchObject({ reason: 'publisher_lost' })
    expect(interruption.until - interruption.since).toBe(60_000)
    const tags = []
    for await (const tag of subscribed) tags.push(tag)
    expect(tags.at(-1)).toMatchObject({ type: 18, payload: Buffer.alloc(1) })

    const ingest = where === 'another ingest' ? two : one
    const next = await goLive(ingest, 'demo')
    expect(next.session).toMatchObject({ sessionId, publish: 2, mediaZeroAt: session.mediaZeroAt })
    expect(next.session.interruption).toBeUndefined()
    const awayMs = Date.now() - (session.mediaZeroAt ?? 0)
    let firstMs: number | undefined
    for await (const { type, timestamp, payload } of readFlv(await ingest.pull(sessionId)))
      if (type === 9 && payload[1] === 1) {
        firstMs = timestamp
        break
      }
    expect(firstMs).toBeGreaterThan(session.newestMs ?? 0)
    expect(firstMs).toBeLessThanOrEqual(awayMs)
    const events = await end(sessionId)
    expect(events.map(({ type }) => type).filter((type) => type !== 'source')).toEqual([
      ...['started', 'interrupted', 'resumed', 'ended'],
    ])
    expect(events.at(-1)).toMatchObject({ reason: 'stopped' })
  },
)

test.each(['the same ingest', 'another ingest'])(
  'a publisher whose former connection hangs is let in at %s, and that connection is closed',
  async (where) => {
    const { session, ended } = await goLive(one, 'demo')
    const { sessionId } = session
    const next = await goLive(where === 'another ingest' ? two : one, 'demo')
    await ended
    expect((await waitFor('the next publish', async () => await recordOf(sessionId)))?.publish).toBe(2)
    expect(next.session.sessionId).toBe(sessionId)
    await end(sessionId)
  },
)

test('a publisher that is sending keeps its channel, at the same ingest and at another', async () => {
  const { session } = await goLive(one, 'demo', true)
  for (const ingest of [one, two]) {
    const rival = await connectRtmp(ingest.rtmpPort)
    rival.send(publishBytes('key-demo'))
    await rival.receives('already publishing')
  }
  expect((await end(session.sessionId)).map(({ type }) => type)).not.toContain('interrupted')
})

test('with takeover a publisher that is sending is replaced, one that is silent returns', async () => {
  const { session } = await goLive(one, 'open', true)
  const next = await startRawPublisher(two.rtmpPort, 'key-open')
  await waitFor('the first to be taken over', async () => (await recordOf(session.sessionId)) === undefined)
  next.sendConfigs()
  next.sendKeyframe(0)
  next.sendSound(0)
  const { sessionId } = await fixture.sessionWithSource('open')
  expect(sessionId).not.toBe(session.sessionId)
  await startRawPublisher(one.rtmpPort, 'key-open')
  expect(await recordOf(sessionId)).toMatchObject({ publish: 2 })
  await end(sessionId)
})

test('of several publishers that return at the same time one continues the session', async () => {
  const { publisher, session } = await goLive(one, 'demo')
  await publisher.vanish()
  await untilInterrupted(session.sessionId)
  const { outcomes } = await raceToPublish([one, two, one, two], 'key-demo')
  expect(outcomes.toSorted()).toEqual(['published', 'refused', 'refused', 'refused'])
  expect(await recordOf(session.sessionId)).toMatchObject({ publish: 2 })
  await end(session.sessionId)
})

test('a publisher that comes back and sends nothing does not prolong the wait', async () => {
  const { publisher, session } = await goLive(one, 'demo')
  await publisher.vanish()
  const first = await untilInterrupted(session.sessionId)
  const silent = await startRawPublisher(one.rtmpPort, 'key-demo')
  await silent.vanish()
  expect(await untilInterrupted(session.sessionId)).toEqual(first)
  await end(session.sessionId)
})

test('a publisher that leaves ends its session at once', async () => {
  const { publisher, session } = await goLive(one, 'demo')
  publisher.send(command('FCUnpublish', 9, null, 'key-demo'))
  await waitFor('the end', async () => (await recordOf(session.sessionId)) === undefined)
  expect((await fixture.events()).at(-1)).toMatchObject({ type: 'ended', reason: 'publisher_left' })
})

test('after the grace time the session ends with the reason of its interruption', async () => {
  const hasty = await fixture.start({ NOWCAST_GRACE_MS: '300' })
  const { publisher, session } = await goLive(hasty, 'demo')
  await publisher.vanish()
  await waitFor('the end', async () => (await recordOf(session.sessionId)) === undefined)
  expect((await fixture.events()).at(-1)).toMatchObject({ type: 'ended', reason: 'publisher_lost' })
  const next = await goLive(hasty, 'demo')
  expect(next.session.sessionId).not.toBe(session.sessionId)
  await end(next.session.sessionId)
})

test('a session of an ingest that was killed continues at another one', async () => {
  const doomed = await fixture.start({ NOWCAST_GRACE_MS: '60000' })
  const { session } = await goLive(doomed, 'demo')
  await doomed.process.stop('SIGKILL')
  const next = await goLive(two, 'demo')
  expect(next.session).toMatchObject({ sessionId: session.sessionId, publish: 2 })
  const events = await end(session.sessionId)
  expect(events.find(({ type }) => type === 'resumed')).toMatchObject({ reason: 'ingest_lost' })
})

test('a session of an ingest that is frozen continues at another one, which then keeps it', async () => {
  const frozen = await fixture.start({ NOWCAST_GRACE_MS: '60000' })
  const { session, ended } = await goLive(frozen, 'demo', true)
  const { sessionId } = session
  frozen.process.kill('SIGSTOP')
  const next = await goLive(two, 'demo', true)
  expect(next.session).toMatchObject({ sessionId, publish: 2 })
  frozen.process.kill('SIGCONT')
  await ended
  expect(await recordOf(sessionId)).toMatchObject({ publish: 2, ingest: next.session.ingest })
  const events = await end(sessionId)
  expect(events.filter(({ type }) => type === 'resumed')).toMatchObject([{ reason: 'ingest_lost' }])
})
