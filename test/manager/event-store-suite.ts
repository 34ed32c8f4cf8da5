import { expect, test } from 'vitest'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { EventFilter, StoredEvent } from '../../manager/store/events.ts'
import type { Store } from '../../manager/store/store.ts'
import { liveSession, source } from '../kit/manager/live-data.ts'
import { sampleChannel } from '../kit/manager/sample-channel.ts'

type NewStore = () => Promise<Store>

const allOf = ({ events }: Store) => events.page({}, 1000, 0)
const typesOf = (events: StoredEvent[]) => events.map(({ type }) => type)

/** Tests of the log of events that every database must pass. `newStore` opens an empty store. */
export function eventStoreSuite(newStore: NewStore) {
  changeSuite(newStore)
  sessionSuite(newStore)
  readingSuite(newStore)
  retentionSuite(newStore)
}

function changeSuite(newStore: NewStore) {
  test('each change to a channel has an event, and what changes nothing does not', async () => {
    const store = await newStore()
    const { channels, slates, playbackRules } = store
    await channels.add(sampleChannel('show'))
    await channels.add({ ...sampleChannel('show'), id: 'c_other', keyHash: 'other' })
    await channels.update('c_show', { title: 'New', graceMs: 5 }, 9)
    await channels.update('c_none', { title: 'New' }, 9)
    const file = { sha256: 'ab', mediaType: 'image/png', bytes: 3, content: Buffer.from('png') } as const
    await slates.put('c_show', file, 10)
    await channels.replaceKey('c_show', 'hash-of-show', { keyHash: 'h2', keySealed: 's2' }, 11)
    await channels.replaceKey('c_show', 'hash-of-show', { keyHash: 'h3', keySealed: 's3' }, 12)
    await channels.revokeTokens('c_show', 1000)
    await channels.revokeTokens('c_show', 900)
    await playbackRules.revoke('pt_1', 'c_show', 99_000, 5, 10)
    await playbackRules.revoke('pt_1', 'c_show', 99_000, 5, 10)
    await channels.remove('c_show')
    await channels.remove('c_show')
    const events = await allOf(store)
    expect(typesOf(events)).toEqual([
      'channel.created',
      'channel.updated',
      'channel.updated',
      'channel.key_rotated',
      'token.revoked',
      'token.revoked',
      'channel.deleted',
    ])
    expect(events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(new Set(events.map(({ id }) => id)).size).toBe(7)
    expect(events[0]).toMatchObject({ id: expect.stringMatching(/^evt_/), channelId: 'c_show', slug: 'show' })
    expect(events[1]?.data).toMatchObject({ changed: ['title', 'graceMs'], title: 'New', graceMs: 5 })
    expect(events[2]?.data).toEqual({
      changed: ['slate'],
      slate: { sha256: 'ab', mediaType: 'image/png', bytes: 3 },
    })
    expect(events[4]?.data).toEqual({ tokenId: null, issuedBefore: '1970-01-01T00:00:01.000Z' })
    expect(JSON.stringify(events)).not.toMatch(/sealed|hash|"s2"/)
  })

  test('an event that is too large is written without its data', async () => {
    const store = await newStore()
    const data = { text: 'ß'.repeat(8000) }
    await store.events.record({ type: 'webhook.disabled', at: 1, channel: null, data })
    expect((await allOf(store))[0]).toMatchObject({
      data: { omitted: true },
      channelId: null,
      sequence: null,
    })
  })
}

function sessionSuite(newStore: NewStore) {
  const session = liveSession({ slug: 'show', channelId: 'c_show' })
  const { sessionId } = session
  const log: SessionEvent[] = [
    { type: 'started', at: session.startedAt, session },
    { type: 'source', at: 2, sessionId, source },
    { type: 'overloaded', at: 3, sessionId, overloaded: true, speed: 0.8 },
    { type: 'interrupted', at: 4, sessionId, reason: 'publisher_lost' },
    { type: 'resumed', at: 6, sessionId, since: 4, reason: 'publisher_lost' },
    { type: 'ended', at: 7, sessionId, reason: 'stopped', detail: null },
  ]
  const expected = [
    'session.started',
    'session.source_changed',
    'session.interrupted',
    'session.resumed',
    'session.ended',
  ]

  test('an entry of the session log that is applied twice has one event', async () => {
    const store = await newStore()
    await store.sessions.apply([...log, ...log], undefined, '1-0')
    await store.sessions.apply(log, '1-0', '2-0')
    const late: SessionEvent = { type: 'ended', at: 8, sessionId, reason: 'publisher_lost', detail: null }
    await store.sessions.apply([late], '2-0', '3-0')
    const events = await allOf(store)
    expect(typesOf(events)).toEqual(expected)
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
    expect(events[4]?.data).toMatchObject({ sessionId, reason: 'stopped', detail: null })
    expect(JSON.stringify(events)).not.toContain(session.publisher.address)
  })

  test('what another manager has applied has no event, and a batch that fails has none either', async () => {
    const store = await newStore()
    await store.sessions.apply(log.slice(0, 1), undefined, '1-0')
    expect(await store.sessions.apply(log, undefined, '2-0')).toBe(false)
    // The time of this event cannot be stored.
    const broken: SessionEvent = { ...log[5], at: Number.NaN } as SessionEvent
    await expect(store.sessions.apply([...log.slice(1, 4), broken], '1-0', '2-0')).rejects.toThrow()
    expect(typesOf(await allOf(store))).toEqual(['session.started'])
    await store.sessions.apply(log, '1-0', '2-0')
    const events = await allOf(store)
    expect(typesOf(events)).toEqual(expected)
    expect(events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5])
  })

  test('an end that was assumed is followed by a return, and by the true end', async () => {
    const store = await newStore()
    await store.sessions.adopt(session)
    expect(await store.sessions.endLost(sessionId, 50)).toBe(true)
    expect(await store.sessions.endLost(sessionId, 60)).toBe(false)
    await store.sessions.adopt(session)
    await store.sessions.adopt(session)
    await store.sessions.apply(log, undefined, '1-0')
    expect((await allOf(store)).map(({ type, data }) => [type, data.reason])).toEqual([
      ['session.started', undefined],
      ['session.ended', 'ingest_lost'],
      ['session.resumed', 'ingest_lost'],
      ['session.source_changed', undefined],
      ['session.interrupted', 'publisher_lost'],
      ['session.resumed', 'publisher_lost'],
      ['session.ended', 'stopped'],
    ])
  })
}

function readingSuite(newStore: NewStore) {
  test('events are chosen by type and channel, from any place on', async () => {
    const store = await newStore()
    for (const slug of ['one', 'two']) {
      await store.channels.add(sampleChannel(slug))
      await store.channels.update(`c_${slug}`, { priority: 1 }, 5)
    }
    await store.channels.remove('c_one')
    const read = async (...of: Parameters<Store['events']['page']>) =>
      (await store.events.page(...of)).map(({ position }) => position)
    expect(await read({}, 2, 1)).toEqual([2, 3])
    expect(await read({ slug: 'one' }, 10, 1)).toEqual([2, 5])
    expect(await read({ types: ['channel.deleted', 'channel.created'] }, 2, 0)).toEqual([1, 3])
    expect(await read({ types: ['channel.deleted', 'channel.created'] }, 2, 1)).toEqual([3, 5])
    expect(await read({ types: ['channel.updated'], slug: 'two' }, 10, 0)).toEqual([4])
    expect(await read({}, 10, 5)).toEqual([])
    expect(await store.events.newest()).toBe(5)
  })

  test('a reader that continues after a position misses no event of concurrent writers', async () => {
    const store = await newStore()
    const names = Array.from({ length: 6 }, (_, index) => `show-${index}`)
    for (const name of names) await store.channels.add(sampleChannel(name))
    const token = { type: 'token.created', at: 1, data: {} } as const
    const writers = names.flatMap((slug) => {
      const channel = { id: `c_${slug}`, slug }
      const own = liveSession({ slug, channelId: channel.id })
      return [
        ...Array.from({ length: 8 }, () => store.events.record({ ...token, channel })),
        store.channels.update(channel.id, { priority: 3 }, 5),
        store.sessions.adopt(own).then(() => store.sessions.endLost(own.sessionId, 9)),
      ]
    })
    const state = { isWriting: true }
    const written = Promise.all(writers).finally(() => {
      state.isWriting = false
    })
    const types = ['token.created', 'channel.updated', 'session.started', 'session.ended'] as const
    const [seen, chosen]: [StoredEvent[], StoredEvent[]] = [[], []]
    const readOn = async (filter: EventFilter, into: StoredEvent[], limit: number) =>
      into.push(...(await store.events.page(filter, limit, into.at(-1)?.position ?? 0)))
    while (state.isWriting) await Promise.all([readOn({}, seen, 5), readOn({ types }, chosen, 5)])
    await Promise.all([readOn({}, seen, 1000), readOn({ types }, chosen, 1000)])
    await written
    expect(seen.map(({ position }) => position)).toEqual(
      Array.from({ length: 6 * (1 + 8 + 1 + 2) }, (_, index) => index + 1),
    )
    expect(chosen).toEqual(seen.filter(({ type }) => type !== 'channel.created'))
    for (const name of names)
      expect(seen.filter(({ slug }) => slug === name).map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 12 }, (_, index) => index + 1),
      )
  })
}

function retentionSuite(newStore: NewStore) {
  test('old events are removed by age and by number, and readers learn how many they missed', async () => {
    const store = await newStore()
    const { events } = store
    for (let number = 0; number < 10; number += 1)
      await events.record({ type: 'webhook.disabled', at: 1, channel: null, data: {} })
    const left = async () => (await allOf(store)).map(({ position }) => position)
    expect(await events.removeBeyond(10, 100)).toBe(0)
    expect(await events.removeBeyond(6, 3)).toBe(3)
    expect(await events.removeBeyond(6, 3)).toBe(1)
    expect(await left()).toEqual([5, 6, 7, 8, 9, 10])
    expect(await events.removeWrittenBefore(Date.now() - 60_000, 100)).toBe(0)
    expect(await events.removeWrittenBefore(Date.now() + 60_000, 2)).toBe(2)
    expect(await left()).toEqual([7, 8, 9, 10])
    expect([await events.missedAfter(2), await events.missedAfter(6), await events.missedAfter(9)]).toEqual([
      4, 0, 0,
    ])
    expect(await events.removeWrittenBefore(Date.now() + 60_000, 100)).toBe(4)
    expect([await events.missedAfter(8), await events.newest()]).toEqual([2, 10])
  })

  test('the sequence of a channel is forgotten when the channel and its events are gone', async () => {
    const store = await newStore()
    const { channels, events } = store
    const record = async (slug: string) => {
      const channel = { id: `c_${slug}`, slug }
      await events.record({ type: 'token.created', at: 1, channel, data: {} })
      return (await allOf(store)).at(-1)?.sequence
    }
    await channels.add(sampleChannel('kept'))
    expect([await record('kept'), await record('gone'), await record('gone')]).toEqual([2, 1, 2])
    await events.removeUnusedCounters()
    expect([await record('gone'), await record('kept')]).toEqual([3, 3])
    await events.removeBeyond(0, 100)
    await events.removeUnusedCounters()
    expect([await record('gone'), await record('kept')]).toEqual([1, 4])
  })
}
