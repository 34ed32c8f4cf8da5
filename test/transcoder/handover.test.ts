import { expect, test } from 'vitest'
import type { Origin } from '../../core/contracts/live-records.ts'
import { channelFolder } from '../../core/playback/media-paths.ts'
import { type ReadPlaylist, readPlaylist } from '../kit/playlist.ts'
import { type TestSession, useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import { fetchOrigin } from '../kit/transcoder/transcoder-process.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()

/** Rendition that an encoder makes, so it is the slowest of its transcoder. */
const rung = '240p'

const draining = { NOWCAST_TRANSCODER_DRAIN_SECONDS: '25' }

const isLive = ({ state }: Origin) => state === 'live'

/** Returns the date at which the media of a playlist ends, ms since 1970. */
function endOf({ segments }: ReadPlaylist): number {
  let end = 0
  for (const { programDateTime, duration, parts } of segments)
    end = (programDateTime ?? end) + 1000 * (duration || parts.reduce((sum, part) => sum + part.duration, 0))
  return end
}

interface Sight {
  origin: Origin
  playlist: ReadPlaylist
}

/** Reads the origin of a session, and its playlist there, again and again until `isLast`. */
async function follow(session: TestSession, isLast: (origin: Origin) => boolean): Promise<Sight[]> {
  const sights: Sight[] = []
  await waitFor(
    'the last sight',
    async () => {
      const origin = await session.origin()
      if (origin === undefined) throw new Error('no origin')
      const path = `${channelFolder(session.record.slug)}/${session.sessionId}/${rung}.m3u8`
      const response = await fetchOrigin(origin.url, path)
      expect(response.status).toBe(200)
      sights.push({ origin, playlist: readPlaylist(await response.text()) })
      return isLast(origin)
    },
    { timeoutMs: 20_000, everyMs: 20 },
  )
  return sights
}

test('a transcoder without another one leaves its session at once', async () => {
  await using only = await fixture.startTranscoder(draining)
  await using session = await fixture.startSession({ gop: 30 })
  await session.originWhere('live', isLive)
  expect((await only.stop()).code).toBe(0)
  expect(await session.origin()).toMatchObject({ isReleased: true })
  expect(only.lines.some((line) => line.includes('"msg":"draining"'))).toBe(false)
})

/** Requests the next playlist at an origin until one is refused, because it will not exist there. */
async function refusal(session: TestSession, { url, nextMsn }: Origin): Promise<number> {
  for (let msn = nextMsn; ; msn += 1) {
    const path = `${channelFolder(session.record.slug)}/${session.sessionId}/${rung}.m3u8?_HLS_msn=${msn}`
    const { status } = await fetchOrigin(url, path)
    if (status !== 200) return status
  }
}

test('a transcoder that gets SIGTERM hands its session to another one, and edges always have a live origin', async () => {
  await using first = await fixture.startTranscoder(draining)
  await using session = await fixture.startSession({ gop: 30 })
  const before = await session.originWhere(
    'live with media',
    (origin) => isLive(origin) && origin.nextMsn > 0,
  )
  await using _second = await fixture.startTranscoder(draining)
  first.kill('SIGTERM')

  const [sights, status] = await Promise.all([
    follow(session, ({ transcoder }) => transcoder !== before.transcoder),
    refusal(session, before),
  ])
  const [last, next] = sights.slice(-2)
  expect(status, 'of a request for media that the other one makes').toBe(503)
  expect(sights.every(({ origin }) => isLive(origin))).toBe(true)
  const own = next?.playlist.segments.find(({ uri, parts }) =>
    (uri ?? parts[0]?.uri)?.startsWith(`${next.origin.epoch}/`),
  )
  expect(own?.msn).toBeGreaterThan(last?.playlist.segments.at(-1)?.msn ?? Infinity)
  expect(own?.discontinuity).toBe(true)
  const lostMs = endOf(last?.playlist as ReadPlaylist) - endOf(next?.playlist as ReadPlaylist)
  expect(lostMs, 'the other one has caught up').toBeLessThan(1500)
  expect((await first.exited).code).toBe(0)
  await first.line(/"outcome":"fenced"/)
}, 60_000)

test('a session that no other transcoder can take is left at the deadline', async () => {
  const full = { NOWCAST_TRANSCODER_SESSIONS: '1' }
  await using first = await fixture.startTranscoder({ ...full, NOWCAST_TRANSCODER_DRAIN_SECONDS: '1' })
  await using session = await fixture.startSession({ gop: 30 })
  await session.originWhere('live', isLive)
  await using _second = await fixture.startTranscoder(full)
  await using other = await fixture.startSession({ gop: 30 })
  await other.originWhere('live', isLive)
  first.kill('SIGTERM')
  expect((await first.exited).code).toBe(0)
  expect(await session.origin()).toMatchObject({ isReleased: true })
}, 60_000)
