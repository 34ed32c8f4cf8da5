import { expect, test } from 'vitest'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { SessionPlace } from '../../manager/store/sessions.ts'
import type { Store } from '../../manager/store/store.ts'
import { liveSession, rendition, source } from '../kit/manager/live-data.ts'

type NewStore = () => Promise<Store>

/** Tests of the session history that every database must pass. `newStore` opens an empty store. */
export function sessionStoreSuite(newStore: NewStore) {
  sessionLogSuite(newStore)
  logBatchSuite(newStore)
  sessionEndSuite(newStore)
  sessionListSuite(newStore)
  sessionRemovalSuite(newStore)
}

function sessionLogSuite(newStore: NewStore) {
  test('writes the session log to the history', async () => {
    const { sessions } = await newStore()
    const session = liveSession({ slug: 'show', channelId: 'c_show' })
    const { sessionId } = session
    expect(await sessions.position()).toBeUndefined()
    const events: SessionEvent[] = [
      { type: 'started', at: 1, session },
      { type: 'source', at: 2, sessionId, source },
      { type: 'transcoding', at: 3, sessionId, epoch: 2, transcoder: 'i_two', renditions: [rendition] },
      { type: 'transcoding', at: 4, sessionId, epoch: 1, transcoder: 'i_one', renditions: [] },
      { type: 'overloaded', at: 5, sessionId, overloaded: true, speed: 0.8 },
    ]
    expect(await sessions.apply(events, undefined, '5-0')).toBe(true)
    const live = {
      id: sessionId,
      channelId: 'c_show',
      slug: 'show',
      latency: 'low',
      startedAt: session.startedAt,
      endedAt: null,
      reason: null,
      detail: null,
      publisher: session.publisher,
      source,
      renditions: [rendition],
      transcoder: 'i_two',
      epoch: 2,
      overloaded: true,
      interruptions: [],
      peakViewers: 0,
    }
    expect(await sessions.byId(sessionId)).toEqual(live)
    expect(await sessions.liveIds()).toEqual([sessionId])
    const end: SessionEvent = { type: 'ended', at: 6, sessionId, reason: 'stopped', detail: 'enough' }
    const lateEnd: SessionEvent = { ...end, at: 7, reason: 'publisher_lost', detail: null }
    expect(await sessions.apply([end, lateEnd], '5-0', '7-0')).toBe(true)
    expect(await sessions.byId(sessionId)).toEqual({
      ...live,
      endedAt: 6,
      reason: 'stopped',
      detail: 'enough',
    })
    expect(await sessions.liveIds()).toEqual([])
  })

  test('keeps the interruptions of a session, whatever the order in which two ingests log them', async () => {
    const { sessions } = await newStore()
    const session = liveSession({ slug: 'show', channelId: 'c_show' })
    const { sessionId } = session
    const lost = (at: number): SessionEvent => ({
      type: 'interrupted',
      at,
      sessionId,
      reason: 'publisher_lost',
    })
    const back = (since: number, at: number): SessionEvent => ({
      type: 'resumed',
      at,
      sessionId,
      since,
      reason: 'publisher_lost',
    })
    const events = [lost(10), back(10, 15), back(20, 25), lost(20), lost(30)]
    await sessions.apply([{ type: 'started', at: 1, session }, ...events], undefined, '1-0')
    expect((await sessions.byId(sessionId))?.interruptions).toEqual([
      { startedAt: 10, endedAt: 15, reason: 'publisher_lost' },
      { startedAt: 20, endedAt: 25, reason: 'publisher_lost' },
      { startedAt: 30, endedAt: null, reason: 'publisher_lost' },
    ])
  })
}

function logBatchSuite(newStore: NewStore) {
  test('applies events once that are read twice', async () => {
    const { sessions } = await newStore()
    const started = (at: number): SessionEvent => ({ type: 'started', at, session: liveSession() })
    const both = await Promise.all([
      sessions.apply([started(1)], undefined, '1-0'),
      sessions.apply([started(1)], undefined, '1-0'),
    ])
    expect(both.toSorted()).toEqual([false, true])
    expect(await sessions.apply([started(2)], '0-9', '2-0')).toBe(false)
    expect(await sessions.apply([started(2)], '1-0', '2-0')).toBe(true)
    expect(await sessions.position()).toBe('2-0')
    expect(await sessions.liveIds()).toHaveLength(2)
  })

  test('stores nothing of a batch that fails', async () => {
    const { sessions } = await newStore()
    const broken = { ...liveSession(), publisher: null } as unknown as ReturnType<typeof liveSession>
    const batch: SessionEvent[] = [
      { type: 'started', at: 1, session: liveSession() },
      { type: 'started', at: 2, session: broken },
    ]
    await expect(sessions.apply(batch, undefined, '2-0')).rejects.toThrow()
    expect(await sessions.position()).toBeUndefined()
    expect(await sessions.liveIds()).toEqual([])
  })

  test('accepts any name that a publisher sends', async () => {
    const { sessions } = await newStore()
    const session = liveSession({ publisher: { address: '::1', software: `a\0b\ud800${'x'.repeat(9000)}` } })
    expect(await sessions.apply([{ type: 'started', at: 1, session }], undefined, '1-0')).toBe(true)
    const record = await sessions.byId(session.sessionId)
    expect(record?.publisher.software).toMatch(/^ab.x+$/u)
    expect(record?.publisher.software?.length).toBeLessThanOrEqual(500)
  })

  test('ignores events of unknown sessions', async () => {
    const { sessions } = await newStore()
    const { sessionId } = liveSession()
    const events: SessionEvent[] = [
      { type: 'source', at: 1, sessionId, source },
      { type: 'ended', at: 2, sessionId, reason: 'stopped', detail: null },
    ]
    expect(await sessions.apply(events, undefined, '2-0')).toBe(true)
    expect(await sessions.byId(sessionId)).toBeUndefined()
  })
}

function sessionEndSuite(newStore: NewStore) {
  test('a reported end replaces an assumed one, and a live record revokes it', async () => {
    const { sessions } = await newStore()
    const session = liveSession()
    const { sessionId } = session
    await sessions.adopt(session)
    expect(await sessions.endLost(sessionId, 50)).toBe(true)
    expect(await sessions.endLost(sessionId, 60)).toBe(false)
    expect(await sessions.byId(sessionId)).toMatchObject({ endedAt: 50, reason: 'ingest_lost' })
    await sessions.adopt(session)
    expect(await sessions.byId(sessionId)).toMatchObject({ endedAt: null, reason: null })
    await sessions.endLost(sessionId, 70)
    const end: SessionEvent = { type: 'ended', at: 65, sessionId, reason: 'publisher_left', detail: null }
    await sessions.apply([end], undefined, '1-0')
    expect(await sessions.byId(sessionId)).toMatchObject({ endedAt: 65, reason: 'publisher_left' })
    await sessions.adopt(session)
    expect(await sessions.endLost(sessionId, 80)).toBe(false)
    expect(await sessions.byId(sessionId)).toMatchObject({ endedAt: 65, reason: 'publisher_left' })
  })

  test('stores the peak of viewers', async () => {
    const { sessions } = await newStore()
    const session = liveSession()
    await sessions.adopt(session)
    for (const viewers of [3, 9, 4]) await sessions.notePeak(session.sessionId, viewers)
    expect(await sessions.byId(session.sessionId)).toMatchObject({ peakViewers: 9 })
  })
}

function sessionListSuite(newStore: NewStore) {
  test('pages through sessions newest first, also those that started at the same time, and filters', async () => {
    const { sessions } = await newStore()
    const all = [5, 5, 5, 4, 3, 3, 1].map((startedAt, number) =>
      liveSession({ startedAt, slug: number % 2 === 0 ? 'even' : 'odd' }),
    )
    for (const session of all) await sessions.adopt(session)
    const ended = all.slice(2, 5)
    for (const { sessionId } of ended) await sessions.endLost(sessionId, 9)

    async function pages(filter: Parameters<typeof sessions.page>[0]) {
      const seen: { id: string; startedAt: number }[] = []
      let after: SessionPlace | undefined
      for (;;) {
        const page = await sessions.page(filter, 2, after)
        after = page.at(-1)
        if (after === undefined) return seen
        seen.push(...page.map(({ id, startedAt }) => ({ id, startedAt })))
      }
    }
    const everything = await pages({})
    expect(everything.map(({ startedAt }) => startedAt)).toEqual([5, 5, 5, 4, 3, 3, 1])
    expect(new Set(everything.map(({ id }) => id))).toEqual(new Set(all.map(({ sessionId }) => sessionId)))
    expect(await pages({ slug: 'odd' })).toHaveLength(3)
    expect(await pages({ state: 'ended' })).toHaveLength(3)
    expect(await pages({ state: 'live', slug: 'even' })).toHaveLength(2)
  })
}

function sessionRemovalSuite(newStore: NewStore) {
  /** Stores sessions of one channel that last a second each; the last one is live. Returns their ids. */
  async function fill({ sessions }: Store, slug: string, startTimes: readonly number[]) {
    const records = startTimes.map((startedAt) => liveSession({ slug, startedAt }))
    const events = records.flatMap((session, index): SessionEvent[] => [
      { type: 'started', at: session.startedAt, session },
      ...(index === startTimes.length - 1
        ? []
        : [
            {
              type: 'ended' as const,
              at: session.startedAt + 1000,
              sessionId: session.sessionId,
              reason: 'publisher_left' as const,
              detail: null,
            },
          ]),
    ])
    const from = await sessions.position()
    expect(await sessions.apply(events, from, `${Number(from?.split('-')[0] ?? 0) + 1}-0`)).toBe(true)
    return records.map(({ sessionId }) => sessionId)
  }
  const kept = async ({ sessions }: Store, slug: string) =>
    (await sessions.page({ slug }, 100)).map(({ id }) => id).toReversed()

  test('removes sessions that ended long ago, the oldest first, and no live one', async () => {
    const store = await newStore()
    const ids = await fill(store, 'show', [1000, 2000, 3000, 4000, 1])
    expect(await store.sessions.removeEndedBefore(4001, 1)).toBe(1)
    expect(await store.sessions.byId(ids[0] ?? '')).toBeUndefined()
    expect(await store.sessions.removeEndedBefore(4001, 10)).toBe(2)
    expect(await store.sessions.removeEndedBefore(4001, 10)).toBe(0)
    expect((await kept(store, 'show')).toSorted()).toEqual([ids[3], ids[4]].toSorted())
  })

  test('removes the oldest sessions of a channel with too many', async () => {
    const store = await newStore()
    const many = await fill(store, 'many', [1000, 2000, 3000, 4000, 5000])
    const few = await fill(store, 'few', [1000, 2000])
    expect(await store.sessions.removeBeyond(2, 2)).toBe(2)
    expect(await store.sessions.removeBeyond(2, 2)).toBe(1)
    expect(await store.sessions.removeBeyond(2, 2)).toBe(0)
    expect(await kept(store, 'many')).toEqual(many.slice(3))
    expect(await kept(store, 'few')).toEqual(few)
  })

  test('a channel whose sessions are live does not keep another one from losing its oldest', async () => {
    const store = await newStore()
    for (const startedAt of [1, 2, 3]) await fill(store, 'all-live', [startedAt])
    await fill(store, 'many', [1000, 2000, 3000])
    expect(await store.sessions.removeBeyond(1, 10)).toBe(2)
    expect(await kept(store, 'all-live')).toHaveLength(3)
  })
}
