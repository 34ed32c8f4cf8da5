import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { staleSessionMs } from '../../core/contracts/live-registry.ts'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { createLog } from '../../core/process/log.ts'
import { liveSession, source } from '../../test/kit/manager/live-data.ts'
import type { KnownSession } from './followed-session.ts'
import { createSessionKeeper } from './session-keeper.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A keeper of a session whose media has reached 8 s, and what it does. */
function keep(changes: Partial<LiveSession> = {}) {
  const mediaZeroAt = Date.now() - 10_000
  const first = liveSession({ source, publish: 1, graceMs: 30_000, mediaZeroAt, newestMs: 7000, ...changes })
  const state = {
    record: first as LiveSession | undefined,
    ageMs: 0,
    writes: 0,
    stop: undefined as StopRequest | undefined,
    events: [] as SessionEvent[],
  }
  const held = vi.fn(async () => true)
  const keeper = createSessionKeeper({
    registry: {
      async putSession(session) {
        if ((session.publish ?? 1) < (state.record?.publish ?? 1)) return false
        state.writes++
        state.record = session
        return true
      },
      async removeSession() {
        state.record = undefined
      },
      sessionAgeMs: async () => state.ageMs,
      holdChannel: held,
      releaseChannel: async () => {},
    },
    sessionLog: {
      async append(event) {
        state.events.push(event)
      },
    },
    stopRequests: { pending: async () => state.stop },
    followed: {
      get record() {
        return state.record ?? first
      },
      latest: first as KnownSession,
    },
    log: createLog('test', 'silent'),
  })
  const tend = async (ms = 1000) => {
    vi.advanceTimersByTime(ms)
    await keeper.tend(8000)
  }
  return { first, state, keeper, tend, held, since: mediaZeroAt + 8000 }
}

test('a record is left to its ingest until that no longer writes it, then it is kept as interrupted', async () => {
  const claim = { sessionId: 's', order: 1, takeover: false }
  const { state, tend, held, since } = keep({ claim })
  state.ageMs = staleSessionMs - 1
  await tend()
  expect(state.writes).toBe(0)
  state.ageMs = staleSessionMs
  await tend()
  expect(state.record).toMatchObject({
    newestMs: 8000,
    interruption: { since, until: since + 30_000, reason: 'ingest_lost' },
  })
  for (let n = 0; n < 30; n++) await tend(100)
  expect(state.writes).toBe(3)
  expect(held).toHaveBeenCalledTimes(3)
  expect(state.events).toMatchObject([{ type: 'interrupted', at: since, reason: 'ingest_lost' }])
})

test('when the ingest writes the record again, it is left to it and the return is logged', async () => {
  const { first, state, tend, since } = keep()
  state.ageMs = staleSessionMs
  await tend()
  state.record = first
  state.ageMs = 0
  await tend()
  expect(state.writes).toBe(1)
  expect(state.events.at(-1)).toMatchObject({ type: 'resumed', since, reason: 'ingest_lost' })
})

test('a session that another ingest continues is not kept any more, and that ingest logs the return', async () => {
  const { first, state, tend } = keep()
  state.ageMs = staleSessionMs
  await tend()
  state.record = { ...first, publish: 2 }
  state.ageMs = 0
  await tend()
  expect(state.writes).toBe(1)
  expect(state.events).toHaveLength(1)
})

test('a session that waited already keeps its interruption, and ends with it', async () => {
  const interruption = { since: Date.now(), until: Date.now() + 5000, reason: 'publisher_lost' } as const
  const { state, keeper, tend } = keep({ interruption })
  state.ageMs = staleSessionMs
  await tend()
  expect(state.record?.interruption).toEqual(interruption)
  expect(state.events).toEqual([])
  expect(await keeper.endIfOver()).toBe(false)
  await tend(5000)
  expect(await keeper.endIfOver()).toBe(true)
  expect(state.record).toBeUndefined()
  expect(state.events).toMatchObject([{ type: 'ended', reason: 'publisher_lost' }])
})

test('a publisher that returns in the last moment has its session', async () => {
  const { first, state, keeper, tend } = keep()
  state.ageMs = staleSessionMs
  await tend()
  vi.advanceTimersByTime(30_000)
  state.record = { ...first, publish: 2, source: null }
  expect(await keeper.endIfOver()).toBe(false)
  expect(state.record).toMatchObject({ publish: 2 })
})

test('a session that is kept ends when a stop is requested', async () => {
  const { state, keeper, tend } = keep()
  state.ageMs = staleSessionMs
  await tend()
  state.stop = { sessionId: 's', reason: 'stopped', detail: 'by an operator' }
  await tend(2000)
  expect(await keeper.endIfOver()).toBe(true)
  expect(state.events.at(-1)).toMatchObject({ type: 'ended', reason: 'stopped', detail: 'by an operator' })
})

test.each([{ graceMs: 0 }, { mediaZeroAt: undefined as never }])(
  'a session does not wait with %j',
  async (changes) => {
    const { state, tend } = keep(changes)
    state.ageMs = staleSessionMs
    await tend()
    expect(state.writes).toBe(0)
  },
)
