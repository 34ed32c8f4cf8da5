import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type IngestBench, startIngestBench, type TestIngest } from '../kit/ingest.ts'
import { startRawPublisher } from '../kit/raw-publisher.ts'
import { connectRtmp, publishBytes } from '../kit/rtmp-client.ts'
import { waitFor } from '../kit/wait-for.ts'

let bench: IngestBench
let one: TestIngest
let two: TestIngest

beforeAll(async () => {
  bench = await startIngestBench()
  ;[one, two] = await Promise.all([
    bench.start(),
    bench.start({ NOWCAST_INGEST_MAX_CONNECTIONS_PER_ADDRESS: '3' }),
  ])
})
afterAll(() => bench?.stop())

/** What a publisher is told. */
async function answerTo(ingest: TestIngest, key: string) {
  const client = await connectRtmp(ingest.rtmpPort)
  client.send(publishBytes(key))
  await client.closed
  return client.received().toString('latin1')
}

test.each([
  ['an unknown key', 'nobody', 'The stream key is not valid.'],
  ['no key', '', 'The stream key is missing.'],
  ['a key with parameters', 'key-demo?token=1', 'must stand alone'],
])('%s is refused with a reason, and no session is made', async (_what, key, words) => {
  const answer = await answerTo(one, key)
  expect(answer).toContain('NetStream.Publish.BadName')
  expect(answer).toContain(words)
  expect(answer).not.toContain('NetStream.Publish.Start')
  expect(await bench.registry.sessions()).toEqual([])
  expect(await bench.events()).toEqual([])
})

test('ffmpeg says why', () => {
  const { stderr } = spawnSync('ffmpeg', [
    ...['-hide_banner', '-f', 'lavfi', '-i', 'testsrc2=size=160x120', '-t', '1'],
    ...['-c:v', 'libx264', '-f', 'flv', one.rtmpUrl('nobody')],
  ])
  expect(stderr.toString()).toContain('Server error: The stream key is not valid.')
})

test('a second publisher is refused, at the same ingest and at another', async () => {
  const first = await startRawPublisher(one.rtmpPort, 'key-demo')
  for (const ingest of [one, two]) expect(await answerTo(ingest, 'key-demo')).toContain('already publishing')
  await first.vanish()
  await waitFor('the session to go', async () => (await bench.registry.sessions()).length === 0)
  const second = await startRawPublisher(two.rtmpPort, 'key-demo')
  await second.vanish()
})

test('of many at once, over two ingests, one gets the channel', async () => {
  const clients = await Promise.all(
    [one, one, two, one, two].map(async (ingest) => {
      const client = await connectRtmp(ingest.rtmpPort)
      client.send(publishBytes('key-other'))
      return client
    }),
  )
  const outcomes = await Promise.all(
    clients.map((client) =>
      Promise.race([
        client.hears('NetStream.Publish.Start').then(() => 'published'),
        client.hears('NetStream.Publish.BadName').then(() => 'refused'),
      ]).catch(() => 'cut'),
    ),
  )
  expect(outcomes.toSorted()).toEqual(['published', 'refused', 'refused', 'refused', 'refused'])
  for (const client of clients) client.socket.destroy()
})

test.each(['the same ingest', 'another ingest'])(
  'a takeover by %s ends the former session',
  async (where) => {
    const former = await startRawPublisher(one.rtmpPort, 'key-open')
    const latter = await startRawPublisher((where === 'another ingest' ? two : one).rtmpPort, 'key-open')
    await former.hears('Another publisher took the channel over.')
    await former.closed
    latter.sendConfigs()
    latter.sendKeyframe(0)
    const { sessionId } = await bench.sessionWithSource('open')
    const ended = (await bench.events()).filter((event) => event.type === 'ended')
    expect(ended.at(-1)).toMatchObject({ reason: 'taken_over' })
    expect(ended.map((event) => event.sessionId)).not.toContain(sessionId)
    await latter.vanish()
    await waitFor('the session to go', async () => (await bench.registry.sessions()).length === 0)
  },
)

test('an address has its share of connections', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => connectRtmp(two.rtmpPort)))
  const fourth = await connectRtmp(two.rtmpPort)
  await fourth.closed
  expect(await two.metric('nowcast_ingest_refusals_total{reason="too_many_connections"')).toBe(1)
  for (const client of clients) client.socket.destroy()
  await Promise.all(clients.map((client) => client.closed))
  await waitFor('room', async () => (await answerTo(two, 'nobody')).includes('BadName'))
})
