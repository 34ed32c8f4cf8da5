import type { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { LiveSession, RegistryChange } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import { createLiveView } from './live-view.ts'

const session = (sessionId: string, order: number, startedAt = order) =>
  ({ sessionId, channelId: 'c_1', startedAt, claim: { sessionId, order, takeover: true } }) as LiveSession

/** Creates a live view of a registry in memory, with a clock that the test moves. */
function createWorld() {
  const world = { now: 1000, sessions: [] as LiveSession[], isAway: false }
  let announce: (change: RegistryChange) => void = () => {}
  const view = createLiveView(
    {
      async sessions() {
        if (world.isAway) throw new Error('away')
        return world.sessions
      },
      origins: async () => [],
      viewers: async () => new Map(),
      experience: async () => new Map(),
      async watch(_, onChange) {
        announce = onChange
        return () => {}
      },
    },
    {} as EventEmitter as Redis,
    createLog('test', 'silent'),
    () => world.now,
  )
  return {
    world,
    view,
    ids: () => [...view.snapshot.sessions.keys()],
    async read(afterMs: number) {
      world.now += afterMs
      await view.refresh()
    },
    remove: (sessionId: string) => announce({ kind: 'session', change: 'gone', sessionId, slug: 'show' }),
  }
}

test('a session that the registry lacks for less than 5 s stays', async () => {
  const { world, view, ids, read } = createWorld()
  world.sessions = [session('s_1', 1)]
  await read(1000)
  world.sessions = []
  await read(4900)
  expect(ids()).toEqual(['s_1'])
  world.sessions = [session('s_1', 1)]
  await read(1000)
  world.sessions = []
  await read(1000)
  await read(4900)
  expect(ids()).toEqual(['s_1'])
  await read(200)
  expect(ids()).toEqual([])
  await view.close()
})

test('a session whose removal was announced is gone at once', async () => {
  const { world, view, ids, read, remove } = createWorld()
  world.sessions = [session('s_1', 1)]
  await read(1000)
  world.sessions = []
  remove('s_1')
  await read(1)
  expect(ids()).toEqual([])
  await view.close()
})

test('while the registry is away everything stays', async () => {
  const { world, view, ids, read } = createWorld()
  world.sessions = [session('s_1', 1)]
  await read(1000)
  world.isAway = true
  await read(60_000)
  expect(ids()).toEqual(['s_1'])
  expect(view.problem).toBeDefined()
  Object.assign(world, { isAway: false, sessions: [] })
  await read(1000)
  expect(ids()).toEqual(['s_1'])
  await view.close()
})

test('the session of a channel is the one with the latest claim, whatever the clocks of the ingests say', async () => {
  const { world, view, read } = createWorld()
  world.sessions = [session('s_late', 2, 0), session('s_early', 1, 60_000)]
  await read(1000)
  expect(view.snapshot.byChannel.get('c_1')?.sessionId).toBe('s_late')
  await view.close()
})
