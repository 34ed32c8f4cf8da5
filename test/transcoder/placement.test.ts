import { expect, test } from 'vitest'
import type { Origin } from '../../core/contracts/live-records.ts'
import { transcoderOffers } from '../../core/contracts/transcode/transcoder-offers.ts'
import { closeRedis } from '../../core/process/redis.ts'
import { readMetric } from '../kit/metrics.ts'
import type { ReadSegment } from '../kit/playlist.ts'
import { connectToRedis } from '../kit/redis.ts'
import { type TestSession, useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()

/**
 * Settings of a transcoder in which one full ladder of the test source fits: 180p and 120p of 25 frames/s are
 * 1.44 and 0.64 megapixels/s. There is also room for 120p of a second ladder.
 */
const smallRoom = { NOWCAST_TRANSCODER_CAPACITY: '3', NOWCAST_LADDER: 'source,180,120' }
const video = { size: '480x270', fps: 25 }
const full = ['270p', '180p', '120p']
const reduced = ['270p', '120p']

const videoOf = ({ renditions }: Origin) =>
  renditions.filter(({ kind }) => kind === 'video').map(({ name }) => name)

/** Waits until a session is live with these video renditions. Returns its origin. */
const untilLiveWith = (session: TestSession, names: string[]) =>
  session.originWhere(
    `live with ${names}`,
    (origin) => origin.state === 'live' && `${videoOf(origin)}` === `${names}`,
  )

/** Returns the distances between segments that do not follow each other within 50 ms, s. */
const holesOf = (segments: readonly ReadSegment[]) =>
  segments
    .slice(1)
    .map(({ programDateTime = 0 }, index) => {
      const before = segments[index]
      return (programDateTime - (before?.programDateTime ?? 0)) / 1000 - (before?.duration ?? 0)
    })
    .filter((distance) => Math.abs(distance) > 0.05)

test('ladders shrink to the room of all transcoders, the higher priority keeps its own, and they come back', async () => {
  await using _one = await fixture.startTranscoder(smallRoom)
  await using _other = await fixture.startTranscoder(smallRoom)
  await using important = await fixture.startSession({ ...video, priority: 5 })
  const { transcoder } = await untilLiveWith(important, full)
  await using usual = await fixture.startSession(video)
  const elsewhere = await untilLiveWith(usual, full)
  expect(elsewhere.transcoder, 'the second session is where there is room').not.toBe(transcoder)

  await using third = await fixture.startSession(video)
  await using fourth = await fixture.startSession(video)
  const [beside, besideUsual] = await waitFor('one more session at each transcoder', async () => {
    const origins = await Promise.all([third, fourth].map((session) => session.origin()))
    const places = origins.map((origin) => origin?.transcoder)
    if (!places.includes(transcoder) || !places.includes(elsewhere.transcoder)) return false
    return places[0] === transcoder ? [third, fourth] : [fourth, third]
  })
  await Promise.all([
    untilLiveWith(beside, reduced),
    untilLiveWith(besideUsual, reduced),
    untilLiveWith(important, full),
    untilLiveWith(usual, full),
  ])
  const figures = await Promise.all(
    ['capacity', 'work', 'wanted_work', 'reduced_sessions'].map((name) =>
      readMetric(elsewhere.url, `nowcast_transcoder_${name}`),
    ),
  )
  const [large, small] = [(320 * 180 * 25) / 1e6, (214 * 120 * 25) / 1e6]
  expect(figures.map((figure) => figure.toFixed(3))).toEqual(
    [3, large + 2 * small, 2 * (large + small), 1].map((figure) => figure.toFixed(3)),
  )
  await expect(beside.playlist('180p'), 'a rendition that is omitted has no playlist').rejects.toThrow('404')

  await important[Symbol.asyncDispose]()
  await usual[Symbol.asyncDispose]()
  await Promise.all([untilLiveWith(beside, full), untilLiveWith(besideUsual, full)])
  for (const name of ['270p', 'audio']) {
    const segments = await waitFor(`${name} after the change`, async () => {
      const all = (await beside.playlist(name)).segments.filter(({ uri }) => uri !== undefined)
      return all.slice(1).some(({ discontinuity }) => discontinuity) && all
    })
    expect(segments.filter(({ gap }) => gap)).toEqual([])
    expect(holesOf(segments), `${name} continues`).toEqual([])
  }
}, 60_000)

test('a transcoder measures its capacity, and announces it', async () => {
  await using transcoder = await fixture.startTranscoder({ NOWCAST_TRANSCODER_CAPACITY: 'measure' })
  const line = await transcoder.line(/"msg":"capacity measured"/)
  const { capacity } = JSON.parse(line) as { capacity: number }
  expect(capacity).toBeGreaterThan(0)
  expect(transcoder.ffmpegs(), 'the ffmpeg that measured is gone').toEqual([])
  const redis = await connectToRedis(fixture.redis.url, 'fail')
  const offers = await waitFor('its offer', async () => {
    const all = await transcoderOffers(redis)
    return all.length > 0 && all
  })
  closeRedis(redis)
  expect(offers.map((offer) => offer.capacity)).toContain(capacity)
}, 60_000)
