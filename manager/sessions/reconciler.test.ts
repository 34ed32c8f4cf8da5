import { expect, it } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import type { LiveSnapshot } from './live-view.ts'
import { createReconciliation } from './reconciler.ts'

const log = createLog('test', 'error', { write: () => {} })

/** A history in memory beside a live registry that the test writes. */
function world() {
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
  const round = createReconciliation(
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
      await round()
    },
  }
}

it('declares a session lost that has no record for ten seconds, from when it was missed', async () => {
  const { history, pass } = world()
  history.set('s_1', 'live')
  await pass(0)
  await pass(9999)
  expect(history.get('s_1')).toBe('live')
  await pass(1)
  expect(history.get('s_1')).toBe('lost at 100000')
})

it('begins to count again when the record was seen meanwhile', async () => {
  const { history, pass, add, sessions } = world()
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

it('declares nobody lost while Redis is away, and gives all the time again afterwards', async () => {
  const { history, pass, live } = world()
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

it('takes up what is live and not known as such', async () => {
  const { history, pass, add } = world()
  add('s_new')
  add('s_back')
  history.set('s_back', 'lost at 5')
  await pass(0)
  expect([...history]).toEqual([
    ['s_back', 'live'],
    ['s_new', 'live'],
  ])
})

it('stops what is on air in a channel that is gone', async () => {
  const { pass, add, stopped } = world()
  add('s_1')
  add('s_2', 'c_gone')
  await pass(0)
  expect(stopped).toEqual(['s_2 channel_removed'])
})

it('notes a peak of viewers when there is a new one', async () => {
  const { pass, add, viewers, peaks } = world()
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
