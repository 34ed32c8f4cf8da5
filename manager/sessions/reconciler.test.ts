import { expect, test } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import type { LiveSnapshot } from './live-view.ts'
import { createReconciliation } from './reconciler.ts'

const log = createLog('test', 'error', { write: () => {} })

/** Creates a history in memory, and a live registry that the test writes. */
function createWorld() {
  const history = new Map<string, string>()
  const sessions = new Map<string, LiveSession>()
  const viewers = new Map<string, number>()
  const peaks: [string, number][] = []
  const stopped: string[] = []
  const live: { snapshot: LiveSnapshot; problem: string | undefined } = {
    snapshot: { sessions, viewers, experience: new Map(), byChannel: new Map(), origins: new Map() },
    problem: undefined,
  }
  const clock = { now: 100_000 }
  const reconcile = createReconciliation(
    {
      live,
      history: {
        liveIds: async () => [...history].flatMap(([id, state]) => (state === 'live' ? [id] : [])),
        async endLost(id, at) {
          history.set(id, `lost at ${at}`)
          return true
        },
        adopt: async ({ sessionId }) => void history.set(sessionId, 'live'),
        notePeak: async (id, count) => void peaks.push([id, count]),
      },
      channels: { withdrawn: async (ids) => new Set(ids.filter((id) => id === 'c_gone')) },
      stops: { request: async ({ sessionId, reason }) => void stopped.push(`${sessionId} ${reason}`) },
      log,
    },
    () => clock.now,
  )
  return {
    history,
    viewers,
    peaks,
    stopped,
    live,
    sessions,
    add: (sessionId: string, channelId = 'c_1') =>
      sessions.set(sessionId, { sessionId, channelId, slug: 'show' } as LiveSession),
    async pass(ms: number) {
      clock.now += ms
      await reconcile()
    },
  }
}

test('a session without a record for ten seconds is lost, as of when it was first missed', async () => {
  const { history, pass } = createWorld()
  history.set('s_1', 'live')
  await pass(0)
  await pass(9999)
  expect(history.get('s_1')).toBe('live')
  await pass(1)
  expect(history.get('s_1')).toBe('lost at 100000')
})

test('the ten seconds start again when the record was seen meanwhile', async () => {
  const { history, pass, add, sessions } = createWorld()
  history.set('s_1', 'live')
  await pass(0)
  add('s_1')
  await pass(8000)
  sessions.clear()
  await pass(1000)
  await pass(9000)
  expect(history.get('s_1')).toBe('live')
  await pass(1000)
  expect(history.get('s_1')).toBe('lost at 109000')
})

test('no session is lost while Redis is away, and each gets the full time again afterwards', async () => {
  const { history, pass, live } = createWorld()
  history.set('s_1', 'live')
  await pass(0)
  live.problem = 'away'
  await pass(60_000)
  live.problem = undefined
  await pass(1000)
  await pass(9999)
  expect(history.get('s_1')).toBe('live')
  await pass(1)
  expect(history.get('s_1')).toMatch(/^lost/)
})

test('adopts live sessions that the history does not list as live', async () => {
  const { history, pass, add } = createWorld()
  add('s_new')
  add('s_back')
  history.set('s_back', 'lost at 5')
  await pass(0)
  expect([...history]).toEqual([
    ['s_back', 'live'],
    ['s_new', 'live'],
  ])
})

test('stops the session of a channel that is gone', async () => {
  const { pass, add, stopped } = createWorld()
  add('s_1')
  add('s_2', 'c_gone')
  await pass(0)
  expect(stopped).toEqual(['s_2 channel_removed'])
})

test('stores each new peak of viewers', async () => {
  const { pass, add, viewers, peaks } = createWorld()
  add('s_1')
  for (const count of [0, 3, 3, 2, 8]) {
    viewers.set('show', count)
    await pass(2000)
  }
  expect(peaks).toEqual([
    ['s_1', 3],
    ['s_1', 8],
  ])
})
