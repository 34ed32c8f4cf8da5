import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { announceOffer, transcoderOffers } from '../../core/contracts/transcode/transcoder-offers.ts'
import { createLog } from '../../core/process/log.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { raceToPublish, startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { publishBytes } from '../kit/ingest/rtmp-bytes.ts'
import { connectRtmp } from '../kit/ingest/rtmp-client.ts'
import { waitFor } from '../kit/wait-for.ts'

const log = createLog('test', 'silent')
let fixture: IngestFixture
let one: TestIngest
let two: TestIngest

beforeAll(async () => {
  fixture = await startIngestFixture()
  ;[one, two] = await Promise.all([
    fixture.start(),
    fixture.start({ NOWCAST_INGEST_MAX_CONNECTIONS_PER_ADDRESS: '3' }),
  ])
})
afterAll(() => fixture?.stop())

/** Publishes with a key. Returns all that the publisher received until the connection ended. */
async function responseTo(ingest: TestIngest, key: string) {
  const client = await connectRtmp(ingest.rtmpPort)
  client.send(publishBytes(key))
  await client.closed
  return client.received().toString('latin1')
}

test.each([
  ['an unknown key', 'nobody', 'The stream key is not valid.'],
  ['no key', '', 'The stream key is missing.'],
  ['a key with a slash inside', 'key-demo/more?token=1', 'no slash inside the stream key'],
])('%s is refused with a reason, and no session is started', async (_what, key, explanation) => {
  const response = await responseTo(one, key)
  expect(response).toContain('NetStream.Publish.BadName')
  expect(response).toContain(explanation)
  expect(response).not.toContain('NetStream.Publish.Start')
  expect(await fixture.registry.sessions()).toEqual([])
  expect(await fixture.events()).toEqual([])
})

test('ffmpeg shows the reason', () => {
  const { stderr } = spawnSync('ffmpeg', [
    ...['-hide_banner', '-f', 'lavfi', '-i', 'testsrc2=size=160x120', '-t', '1'],
    ...['-c:v', 'libx264', '-f', 'flv', one.rtmpUrl('nobody')],
  ])
  expect(stderr.toString()).toContain('Server error: The stream key is not valid.')
})

test('a second publisher is refused, at the same ingest and at another', async () => {
  const first = await startRawPublisher(one.rtmpPort, 'key-demo')
  for (const ingest of [one, two])
    expect(await responseTo(ingest, 'key-demo')).toContain('already publishing')
  await first.vanish()
  await waitFor('the session to end', async () => (await fixture.registry.sessions()).length === 0)
  const second = await startRawPublisher(two.rtmpPort, 'key-demo')
  await second.vanish()
})

test('one of many simultaneous publishers gets the channel, at two ingests', async () => {
  const { clients, outcomes } = await raceToPublish([one, one, two, one, two], 'key-other')
  expect(outcomes.toSorted()).toEqual(['published', 'refused', 'refused', 'refused', 'refused'])
  for (const client of clients) client.socket.destroy()
})

test.each(['the same ingest', 'another ingest'])(
  'a takeover at %s ends the previous session',
  async (where) => {
    const previous = await startRawPublisher(one.rtmpPort, 'key-open')
    const next = await startRawPublisher((where === 'another ingest' ? two : one).rtmpPort, 'key-open')
    await previous.receives('Another publisher took the channel over.')
    await previous.closed
    next.sendConfigs()
    next.sendKeyframe(0)
    const { sessionId } = await fixture.sessionWithSource('open')
    const ended = (await fixture.events()).filter((event) => event.type === 'ended')
    expect(ended.at(-1)).toMatchObject({ reason: 'taken_over' })
    expect(ended.map((event) => event.sessionId)).not.toContain(sessionId)
    await next.vanish()
    await waitFor('the session to end', async () => (await fixture.registry.sessions()).length === 0)
  },
)

test('connections per address are limited, and publishers keep theirs', async () => {
  const publishers = await Promise.all(
    ['demo', 'other', 'open'].map((slug) => startRawPublisher(two.rtmpPort, `key-${slug}`)),
  )
  const fourth = await connectRtmp(two.rtmpPort)
  await fourth.closed
  const refusals = () => two.metric('nowcast_ingest_refusals_total', 'reason="too_many_connections"')
  expect(await refusals()).toBe(1)
  await publishers[0]?.vanish()
  const silent = await connectRtmp(two.rtmpPort)
  await waitFor('a free connection', async () => (await responseTo(two, 'nobody')).includes('BadName'))
  await silent.closed
  expect(await refusals(), 'the silent client lost its place').toBe(2)
  expect((await fixture.registry.sessions()).length).toBe(2)
  for (const publisher of publishers) await publisher.vanish()
})

test('a publisher is refused while all transcoders are full, and accepted when one has a place', async () => {
  let sessions = 2
  const full = { capacity: null, wanted: [], maxSessions: 2 }
  const announce = (instance: string, read: () => number) =>
    announceOffer(fixture.client, { instance, read: () => ({ ...full, instance, sessions: read() }), log })
  const offers = [announce('t_one', () => 2), announce('t_other', () => sessions)]
  await waitFor('both offers', async () => (await transcoderOffers(fixture.client)).length === 2)
  const response = await responseTo(one, 'key-demo')
  expect(response).toContain('NetStream.Publish.BadName')
  expect(response).toContain('no room for another show')
  sessions = 1
  offers[1]?.changed()
  await waitFor('the new offer', async () =>
    (await transcoderOffers(fixture.client)).some((offer) => offer.sessions === 1),
  )
  const accepted = await startRawPublisher(one.rtmpPort, 'key-demo')
  await accepted.vanish()
  for (const offer of offers) await offer.withdraw()
})
