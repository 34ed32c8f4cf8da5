import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionView } from '../../core/api/session.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { discontinuities, followShow, type Show } from '../kit/show.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

/** A time after which the record of an ingest that died has lapsed, and no one waits for it any more, ms. */
const lapsedMs = 10_000

// The tests run concurrently, because they wait for real time. Each has a show and an ingest of its own.
let whole: Whole
beforeAll(async () => {
  whole = await startWhole({ env: { NOWCAST_LADDER: 'off' } })
})
afterAll(() => whole?.stop())

type Act = (show: {
  show: Show
  sessionId: string
  ingest: TestProcess
  publisher: TestProcess
  publishElsewhere: () => TestProcess
  /** Waits until the playlist has the media of another publish. */
  continues: () => Promise<void>
}) => Promise<void>

/** Runs `act` with a show whose publisher is at a second ingest. */
async function withShow(slug: string, act: Act, channel: object = {}) {
  const ingest = await whole.startIngest()
  const started: TestProcess[] = [ingest]
  const publish = (rtmpUrl: string) => {
    const publisher = startPublisher({ url: `${rtmpUrl}/${streamKey}`, size: '320x180' })
    started.push(publisher)
    return publisher
  }
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug, ...channel })
  try {
    const publisher = publish(ingest.rtmpUrl)
    const show = await followShow(whole, slug)
    const { sessionId = '' } = (await show.live()) ?? {}
    await waitFor('a segment', async () => (await show.playlist())?.segments.some(({ uri }) => uri))
    const continues = async () => {
      await waitFor('the next publish', async () => {
        const playlist = await show.playlist()
        return playlist && discontinuities(playlist) > 0
      })
      expect(await show.live()).toMatchObject({ sessionId, state: 'live' })
      expect(show.steps).toEqual([])
    }
    const publishElsewhere = () => publish(whole.rtmpUrl)
    await act({ show, sessionId, ingest, publisher, publishElsewhere, continues })
  } finally {
    for (const each of started) each.kill('SIGCONT')
    await Promise.all(started.map((each) => each.stop('SIGKILL')))
  }
}

const interruptionsOf = async (sessionId: string) =>
  (await whole.api<SessionView>('GET', `/v1/sessions/${sessionId}`)).interruptions

test.concurrent(
  'a publisher that returns to another ingest continues its show',
  () =>
    withShow('moved', async ({ publisher, publishElsewhere, continues }) => {
      await publisher.stop('SIGKILL')
      publishElsewhere()
      await continues()
    }),
  60_000,
)

test.concurrent(
  'a publisher whose connection to another ingest hangs continues its show',
  () =>
    withShow('half-open', async ({ publisher, publishElsewhere, continues }) => {
      publisher.kill('SIGSTOP')
      publishElsewhere()
      await continues()
    }),
  60_000,
)

test.concurrent.each(['SIGKILL', 'SIGSTOP'] as const)(
  'an ingest gets %s: its publisher returns to another one at once',
  (signal) =>
    withShow(
      `now-${signal.toLowerCase()}`,
      async ({ sessionId, ingest, publisher, publishElsewhere, continues }) => {
        ingest.kill(signal)
        await publisher.stop('SIGKILL')
        publishElsewhere()
        await continues()
        const [interruption] = await waitFor('the interruption in the history', async () => {
          const found = await interruptionsOf(sessionId)
          return found.length > 0 && found
        })
        expect(interruption).toMatchObject({ reason: 'ingest_lost', endedAt: expect.any(String) })
      },
    ),
  60_000,
)

test.concurrent.each(['SIGKILL', 'SIGSTOP'] as const)(
  'an ingest gets %s: its session waits for the publisher',
  (signal) =>
    withShow(
      `wait-${signal.toLowerCase()}`,
      async ({ show, sessionId, ingest, publisher, publishElsewhere, continues }) => {
        ingest.kill(signal)
        await publisher.stop('SIGKILL')
        await waitFor('the interruption', async () => (await show.live())?.state === 'interrupted')
        await delay(lapsedMs)
        expect((await show.playlist())?.ended).toBe(false)
        publishElsewhere()
        await continues()
        ingest.kill('SIGCONT')
        await delay(2000)
        expect(await show.live()).toMatchObject({ sessionId, state: 'live' })
        expect(await interruptionsOf(sessionId)).toMatchObject([
          { reason: 'ingest_lost', endedAt: expect.any(String) },
        ])
      },
    ),
  60_000,
)

test.concurrent(
  'an ingest gets SIGTERM: it asks its publisher to move, and the session waits for that without it',
  () =>
    withShow('asked-to-move', async ({ show, sessionId, ingest, publisher, publishElsewhere, continues }) => {
      ingest.kill('SIGTERM')
      expect((await ingest.exited).code).toBe(0)
      await publisher.exited
      await waitFor('the interruption', async () => (await show.live())?.state === 'interrupted')
      await whole.supervisor.line(/"slug":"asked-to-move".*the ingest was lost/)
      expect((await show.playlist())?.ended).toBe(false)
      publishElsewhere()
      await continues()
      expect(await interruptionsOf(sessionId)).toMatchObject([
        { reason: 'shutdown', endedAt: expect.any(String) },
      ])
    }),
  60_000,
)

test.concurrent(
  'the publisher of a lost ingest does not return: the show ends after the grace time, with one reason',
  () =>
    withShow(
      'gone-with-ingest',
      async ({ show, sessionId, ingest, publisher }) => {
        ingest.kill('SIGKILL')
        await publisher.stop('SIGKILL')
        await waitFor('the interruption', async () => (await show.live())?.state === 'interrupted')
        await waitFor('the end', async () => (await show.playlist())?.ended)
        const ended = await waitFor('the end in the history', async () => {
          const session = await whole.api<SessionView>('GET', `/v1/sessions/${sessionId}`)
          return session.state === 'ended' && session
        })
        expect(ended.reason).toBe('ingest_lost')
      },
      { graceMs: 8000 },
    ),
  60_000,
)

test.concurrent(
  'an ingest that is frozen for a while continues its session',
  () =>
    withShow('thawed', async ({ show, sessionId, ingest }) => {
      ingest.kill('SIGSTOP')
      await waitFor('the interruption', async () => (await show.live())?.state === 'interrupted')
      ingest.kill('SIGCONT')
      await waitFor('the session to be live', async () => (await show.live())?.state === 'live')
      const last = (await show.playlist())?.segments.at(-1)?.msn ?? 0
      await waitFor('more media', async () => ((await show.playlist())?.segments.at(-1)?.msn ?? 0) > last)
      expect(await show.live()).toMatchObject({ sessionId, state: 'live' })
      expect(show.steps).toEqual([])
      expect(
        await waitFor('the end of the interruption', async () => {
          const found = await interruptionsOf(sessionId)
          return found[0]?.endedAt && found
        }),
      ).toHaveLength(1)
    }),
  60_000,
)
