import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../core/log.ts'
import type { SessionEvent } from '../../core/session-log.ts'
import type { Channel } from '../../manager/store/channels.ts'
import type { SessionPlace } from '../../manager/store/sessions.ts'
import { openStore, type Store } from '../../manager/store/store.ts'
import { startPostgres, type TestPostgres } from '../harness/postgres.ts'
import { makeTempDir, type TempDir } from '../harness/temp-dir.ts'
import { liveSession, rendition, source } from './live-data.ts'
import { newDatabase } from './new-database.ts'

const log = createLog('test', 'error', { write: () => {} })

interface Place {
  databaseUrl: string | undefined
  dataDir: string
}

/** What every database must do alike. `newPlace` gives an empty one. */
function storeSuite(newPlace: () => Promise<Place>) {
  const open: Store[] = []
  async function openAt(place: Place) {
    const store = await openStore(place, log)
    open.push(store)
    return store
  }
  const newStore = async () => openAt(await newPlace())
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })

  it('opens again what it made', async () => {
    const place = await newPlace()
    const store = await openAt(place)
    expect(await store.channels.add(channel('one'))).toBe(true)
    const again = await openAt(place)
    await again.ping()
    expect(await again.channels.bySlug('one')).toEqual(channel('one'))
  })

  it('keeps channels as they are, and each slug once', async () => {
    const { channels } = await newStore()
    const made = channel('show', { title: "Größe “9¾” 🎥 '; drop table channels; --", takeover: true })
    expect(await channels.add(made)).toBe(true)
    expect(await channels.add({ ...channel('show'), id: 'c_other', keyHash: 'other' })).toBe(false)
    expect(await channels.bySlug('show')).toEqual(made)
    expect(await channels.byId('c_show')).toEqual(made)
    expect(await channels.bySlug('other')).toBeUndefined()
    expect(await channels.byId('c_other')).toBeUndefined()
  })

  it('changes only what it is told', async () => {
    const { channels } = await newStore()
    await channels.add(channel('show'))
    const changed = { ...channel('show'), record: true, latency: 'ultra', updatedAt: 99 }
    expect(await channels.update('c_show', { record: true, latency: 'ultra' }, 99)).toEqual(changed)
    expect(await channels.bySlug('show')).toEqual(changed)
    expect(await channels.update('c_none', { record: true }, 99)).toBeUndefined()
  })

  it('replaces a key only for whoever knew the one before', async () => {
    const { channels } = await newStore()
    await channels.add(channel('show'))
    const key = { keyHash: 'hash-2', keySealed: 'sealed-2' }
    const both = await Promise.all([
      channels.replaceKey('c_show', 'hash-of-show', key, 5),
      channels.replaceKey('c_show', 'hash-of-show', { keyHash: 'hash-3', keySealed: 'sealed-3' }, 5),
    ])
    expect(both.filter((replaced) => replaced !== undefined)).toHaveLength(1)
    expect(await channels.replaceKey('c_show', 'hash-of-show', key, 6)).toBeUndefined()
  })

  it('grants what enabled channels grant, under a version that every change renews', async () => {
    const { channels } = await newStore()
    const versions = [await channels.grantsVersion()]
    await channels.add(channel('one'))
    versions.push(await channels.grantsVersion())
    await channels.add(channel('two', { takeover: true }))
    versions.push(await channels.grantsVersion())
    await channels.update('c_one', { enabled: false }, 2)
    versions.push(await channels.grantsVersion())
    expect(new Set(versions).size).toBe(4)
    const two = { channelId: 'c_two', slug: 'two', latency: 'low', takeover: true, record: false }
    expect([...(await channels.grants())]).toEqual([['hash-of-two', two]])
    expect(await channels.withdrawn(['c_one', 'c_two', 'c_gone'])).toEqual(new Set(['c_one', 'c_gone']))
    expect(await channels.withdrawn([])).toEqual(new Set())
    expect(await channels.remove('c_two')).toBe(true)
    expect(await channels.remove('c_two')).toBe(false)
    expect(await channels.grants()).toEqual(new Map())
  })

  it('pages through channels, each once', async () => {
    const { channels } = await newStore()
    const slugs = ['a', 'b1', 'b2', 'c', 'd0', 'e']
    for (const slug of slugs.toReversed()) await channels.add(channel(slug))
    const seen: string[] = []
    for (;;) {
      const page = await channels.page(2, seen.at(-1))
      if (page.length === 0) break
      seen.push(...page.map(({ slug }) => slug))
    }
    expect(seen).toEqual(slugs)
  })

  it('turns the session log into history', async () => {
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

  it('applies what is read twice once', async () => {
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

  it('keeps nothing of a batch that fails', async () => {
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

  it('takes whatever a publisher calls itself', async () => {
    const { sessions } = await newStore()
    const session = liveSession({ publisher: { address: '::1', software: `a\0b\ud800${'x'.repeat(9000)}` } })
    expect(await sessions.apply([{ type: 'started', at: 1, session }], undefined, '1-0')).toBe(true)
    const record = await sessions.byId(session.sessionId)
    expect(record?.publisher.software).toMatch(/^ab.x+$/u)
    expect(record?.publisher.software?.length).toBeLessThanOrEqual(500)
  })

  it('ignores events of sessions it never heard of', async () => {
    const { sessions } = await newStore()
    const { sessionId } = liveSession()
    const events: SessionEvent[] = [
      { type: 'source', at: 1, sessionId, source },
      { type: 'ended', at: 2, sessionId, reason: 'stopped', detail: null },
    ]
    expect(await sessions.apply(events, undefined, '2-0')).toBe(true)
    expect(await sessions.byId(sessionId)).toBeUndefined()
  })

  it('lets a true end replace a supposed one, and life too', async () => {
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

  it('remembers the most viewers', async () => {
    const { sessions } = await newStore()
    const session = liveSession()
    await sessions.adopt(session)
    for (const viewers of [3, 9, 4]) await sessions.notePeak(session.sessionId, viewers)
    expect(await sessions.byId(session.sessionId)).toMatchObject({ peakViewers: 9 })
  })

  it('pages through sessions newest first, also those of the same moment, and filters', async () => {
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

describe('store on SQLite', () => {
  let directory: TempDir
  let count = 0
  beforeAll(() => {
    directory = makeTempDir()
  })
  afterAll(() => directory.remove())

  storeSuite(async () => {
    count += 1
    return { databaseUrl: undefined, dataDir: `${directory.path}/${count}` }
  })

  it('says in one line why a database cannot be used', async () => {
    const opened = openStore({ databaseUrl: undefined, dataDir: '/dev/null' }, log)
    await expect(opened).rejects.toThrow(/^database \/dev\/null\/nowcast\.db: /)
  })
})

// Without Postgres this fails, and says what to install; only who asks for it by name goes without.
describe.skipIf(process.env.NOWCAST_TEST_WITHOUT_POSTGRES === '1')('store on Postgres', () => {
  let postgres: TestPostgres
  let count = 0
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  storeSuite(async () => {
    count += 1
    return { databaseUrl: await newDatabase(postgres.url, `store_${count}`), dataDir: '/nowhere' }
  })

  it('lets managers that start together take turns with the tables', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'together')
    const place = { databaseUrl, dataDir: '/nowhere' }
    const stores = await Promise.all([openStore(place, log), openStore(place, log), openStore(place, log)])
    expect(await stores[0]?.channels.add(channel('one'))).toBe(true)
    expect(await stores[2]?.channels.bySlug('one')).toEqual(channel('one'))
    for (const store of stores) await store.close()
  })

  it('says in one line that nobody answers, without the password', async () => {
    const databaseUrl = 'postgres://someone:hunter2@127.0.0.1:1/none'
    const failure = await openStore({ databaseUrl, dataDir: '/nowhere' }, log).catch((error) => error)
    expect(failure.message).toMatch(/^the database cannot be used: .*ECONNREFUSED/)
    expect(failure.message).not.toContain('hunter2')
  })
})

/** A channel of which everything follows from its slug. */
function channel(slug: string, traits: Partial<Channel> = {}): Channel {
  return {
    id: `c_${slug}`,
    slug,
    title: slug,
    latency: 'low',
    takeover: false,
    record: false,
    enabled: true,
    keyHash: `hash-of-${slug}`,
    keySealed: `sealed-${slug}`,
    createdAt: 1_777_000_000_000,
    updatedAt: 1_777_000_000_001,
    ...traits,
  }
}
