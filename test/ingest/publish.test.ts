import { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queuePrefix, transcodeQueue } from '../../core/contracts/transcode/transcode-job.ts'
import { readFlv } from '../kit/ingest/flv-reader.ts'
import { type IngestFixture, startIngestFixture, type TestIngest } from '../kit/ingest/ingest-fixture.ts'
import { startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { aacConfig, avcConfig, chunks, command, video } from '../kit/ingest/rtmp-bytes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { waitFor } from '../kit/wait-for.ts'

let fixture: IngestFixture
let ingest: TestIngest

beforeAll(async () => {
  fixture = await startIngestFixture()
  ingest = await fixture.start()
})
afterAll(() => fixture?.stop())

const hasEnded = (slug: string) => async () =>
  (await fixture.registry.sessions()).every((session) => session.slug !== slug)

test('a publish by ffmpeg becomes a session, is measured, pulled and ended', async () => {
  const publisher = startPublisher({
    url: ingest.rtmpUrl('key-demo'),
    size: '322x640',
    fps: 25,
    gopSeconds: 1,
    bFrames: 2,
    seconds: 4,
  })
  const session = await fixture.sessionWithSource('demo')
  expect(session.priority, 'the priority of its channel').toBe(3)
  expect(session.slate, 'the slate of its channel').toBe('a'.repeat(64))
  expect(session.source.video).toMatchObject({
    codec: 'h264',
    codecString: expect.stringMatching(/^avc1\.4d40/),
    width: 322,
    height: 640,
    fps: 25,
    isBrowserFriendly: true,
  })
  expect(session.source.audio).toMatchObject({
    codec: 'aac',
    codecString: 'mp4a.40.2',
    sampleRate: 48_000,
    channels: 2,
  })

  const body = await ingest.pull(session.sessionId)
  expect(body.status).toBe(200)
  const lastOfTrack = new Map<number, number>()
  let frames = 0
  for await (const { type, timestamp, payload } of readFlv(body)) {
    if (type === 18) continue
    expect(timestamp).toBeGreaterThanOrEqual(lastOfTrack.get(type) ?? 0)
    lastOfTrack.set(type, timestamp)
    if (type === 9 && payload[1] === 1 && frames++ === 0) expect(payload[0]).toBe(0x17)
  }
  expect(frames).toBeGreaterThan(70)
  await publisher.exited

  await waitFor('the session to end', hasEnded('demo'))
  const events = await fixture.events()
  expect(events[0]).toMatchObject({ type: 'started', session: { slug: 'demo' } })
  const last = events.findLast((event) => event.type === 'source')
  expect(last?.source.video?.gopMs).toBe(1000)
  expect(last?.source.bitrate).toBeGreaterThan(100_000)
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'publisher_left' })
  expect(await fixture.registry.rememberedGop('c_demo')).toBe(1000)

  const queue = new Queue(transcodeQueue, { connection: fixture.client, prefix: queuePrefix })
  expect((await queue.getWaiting()).map((job) => job.data)).toEqual([{ sessionId: session.sessionId }])
})

describe('the start', () => {
  test('takes less than 200 ms from the first packet to the known source', async () => {
    const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
    const startedAt = performance.now()
    publisher.sendConfigs()
    publisher.sendKeyframe(0)
    publisher.sendSound(0)
    await waitFor('the source', async () => (await fixture.registry.sessions())[0]?.source, { everyMs: 5 })
    expect(performance.now() - startedAt).toBeLessThan(200)
    publisher.send(command('FCUnpublish', 9, null, 'key-demo'))
    await publisher.vanish()
  })

  test('waits 400 ms of media for sound, and sends sound that arrives later to subscribers', async () => {
    const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
    publisher.send(video(avcConfig, 0))
    publisher.sendKeyframe(0)
    for (let time = 33; time < 500; time += 33) publisher.sendFrame(time)
    const session = await fixture.sessionWithSource('demo')
    expect(session.source.audio).toBeNull()
    const tags = readFlv(await ingest.pull(session.sessionId))
    publisher.sendConfigs(500)
    for await (const { type, payload } of tags)
      if (type === 8) {
        expect(payload).toEqual(aacConfig)
        break
      }
    await waitFor(
      'the sound to be announced',
      async () => (await fixture.registry.session(session.sessionId))?.source?.audio?.codec === 'aac',
    )
    await publisher.vanish()
    await waitFor('the session to end', hasEnded('demo'))
  })

  test('does not need a picture', async () => {
    const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
    publisher.send(chunks({ type: 8, payload: Buffer.from('af001190', 'hex'), streamId: 1, chunkStream: 5 }))
    for (let time = 0; time < 600; time += 21) publisher.sendSound(time)
    const session = await fixture.sessionWithSource('demo')
    expect(session.source).toMatchObject({ video: null, audio: { codec: 'aac' } })
    const first = await readFlv(await ingest.pull(session.sessionId)).next()
    expect(first.done).toBe(false)
    await publisher.vanish()
    await waitFor('the session to end', hasEnded('demo'))
  })
})

test('the header of a new picture size reaches subscribers, and newcomers only with its keyframe', async () => {
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  const { sessionId } = await fixture.sessionWithSource('demo')
  const before = readFlv(await ingest.pull(sessionId))
  const larger = Buffer.from(
    '17000000000142c01fffe100176742c01fda014016ec0440000003004000000f03c60ca801000468ce0fc8',
    'hex',
  )
  publisher.send(video(larger, 1000))
  for await (const { type, payload } of before) if (type === 9 && payload.equals(larger)) break
  await waitFor(
    'the size to be announced',
    async () => (await fixture.registry.session(sessionId))?.source?.video?.width === 1280,
  )
  const after = readFlv(await ingest.pull(sessionId))
  publisher.sendKeyframe(1000)
  const configs: string[] = []
  for await (const { type, payload } of after) {
    if (type === 9 && payload[1] === 0) configs.push(payload.toString('hex'))
    if (type === 9 && payload[1] === 1) break
  }
  expect(configs).toEqual([larger.toString('hex')])
  await publisher.vanish()
  await waitFor('the session to end', hasEnded('demo'))
})

test('a codec that cannot be transcoded is refused with an explanation', async () => {
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  const flashVideo = Buffer.concat([Buffer.from([0x12]), Buffer.alloc(50)])
  publisher.send(video(flashVideo, 0))
  await publisher.receives('Choose H.264')
  await publisher.closed
  await waitFor('the session to end', hasEnded('demo'))
  expect((await fixture.events()).at(-1)).toMatchObject({ type: 'ended', reason: 'unsupported_media' })
})

test('FLV is only available to the cluster', async () => {
  expect((await fetch(`${ingest.url}/flv/s_${'a'.repeat(22)}`)).status).toBe(401)
  expect((await ingest.pull(`s_${'a'.repeat(22)}`)).status).toBe(404)
  // fetch() resolves `..` itself, so this request is for the public `/metrics`.
  expect((await ingest.pull('../metrics')).status).toBe(200)
  expect((await ingest.pull('nothing')).status).toBe(404)
})
