import { expect, test } from 'vitest'
import type { Origin } from '../../core/contracts/live-records.ts'
import { liveOrigin } from '../../test/kit/edge/live-origin.ts'
import { createOriginTable } from './origin-table.ts'

const record = (sessionId: string, change: Partial<Origin> = {}) => liveOrigin({ sessionId, ...change })

const none = new Set<string>()

function setUp() {
  const changes: string[] = []
  const table = createOriginTable(({ sessionId, state }) => void changes.push(`${sessionId} ${state}`))
  return { table, changes, live: () => table.liveOn('demo')?.origin.sessionId }
}

test('the newest session is the live one, whatever heartbeats follow', () => {
  const { table, live } = setUp()
  table.put(record('one'))
  table.put(record('two'))
  table.put(record('one'))
  expect(live()).toBe('two')
  table.remove('two')
  expect(live()).toBe('one')
  expect(table.liveOn('other')).toBeUndefined()
})

test('a session is live from when its origin says so until it has ended', () => {
  const { table, live, changes } = setUp()
  table.put(record('one', { state: 'starting' }))
  expect(live()).toBeUndefined()
  table.put(record('one'))
  table.put(record('one'))
  expect(live()).toBe('one')
  table.put(record('one', { state: 'ended' }))
  expect(live()).toBeUndefined()
  expect(table.ofSession('one'), 'its end can still be requested').toBeDefined()
  expect(changes).toEqual(['one starting', 'one live', 'one ended'])
})

test('a record of an older epoch changes nothing', () => {
  const { table } = setUp()
  table.put(record('one', { epoch: 2, url: 'http://127.0.0.1:2' }))
  table.put(record('one', { epoch: 1 }))
  expect(table.ofSession('one')?.origin.url).toBe('http://127.0.0.1:2')
})

test('a session that is not listed is removed only after a while', () => {
  const { table, live, changes } = setUp()
  table.putAll([record('one')], none, 0)
  table.putAll([], none, 1000)
  table.putAll([], none, 5999)
  expect(live()).toBe('one')
  table.putAll([record('one')], none, 6000)
  table.putAll([], none, 7000)
  table.putAll([], none, 11_999)
  expect(live()).toBe('one')
  table.putAll([], none, 12_000)
  expect([live(), table.size, changes.at(-1)]).toEqual([undefined, 0, 'one ended'])
})

test('a live session keeps its origin as long as it has no other', () => {
  const { table, live } = setUp()
  table.putAll([record('one')], new Set(['one']), 0)
  table.putAll([], new Set(['one']), 1000)
  table.putAll([], new Set(['one']), 60_000)
  expect(live()).toBe('one')
  table.putAll([], none, 61_000)
  table.putAll([], none, 66_000)
  expect(live()).toBeUndefined()
})

test('a channel whose session moves to another origin is neither live nor over', () => {
  const { table, live } = setUp()
  table.put(record('one', { state: 'starting' }))
  expect(table.isMoving('demo'), 'a show that starts').toBe(false)
  table.put(record('one'))
  table.put(record('one', { epoch: 2, state: 'starting' }))
  expect([live(), table.isMoving('demo')]).toEqual([undefined, true])
  table.put(record('one', { epoch: 2 }))
  expect([live(), table.isMoving('demo')]).toEqual(['one', false])
})
