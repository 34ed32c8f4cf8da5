import { expect, test, vi } from 'vitest'
import type { LiveSession, Origin } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { startSweep } from './sweep.ts'

test('sessions that the registry does not know in two sweeps are removed, and no others', async () => {
  const removed: string[] = []
  let sweeps = 0
  const sweep = startSweep({
    store: {
      async sessions() {
        sweeps++
        return ['live', 'ended', 'gone', 'back'].filter((each) => !removed.includes(each))
      },
    },
    remover: {
      async removeSession(sessionId) {
        removed.push(sessionId)
        return 1
      },
    },
    registry: {
      session: async (id) =>
        id === 'live' || (id === 'back' && sweeps > 1) ? ({} as LiveSession) : undefined,
      origin: async (id) => (id === 'ended' ? ({} as Origin) : undefined),
    },
    log: createLog('test', 'silent'),
    everyMs: 10,
  })
  await vi.waitFor(() => expect(sweeps).toBeGreaterThan(3))
  await sweep.close()
  expect(removed).toEqual(['gone'])
})

test('while the registry is away nothing is removed', async () => {
  let sweeps = 0
  const removeSession = vi.fn()
  const sweep = startSweep({
    store: {
      async sessions() {
        sweeps++
        return ['gone']
      },
    },
    remover: { removeSession },
    registry: {
      session: () => Promise.reject(new Error('redis is away')),
      origin: async () => undefined,
    },
    log: createLog('test', 'silent'),
    everyMs: 10,
  })
  await vi.waitFor(() => expect(sweeps).toBeGreaterThan(3))
  await sweep.close()
  expect(removeSession).not.toHaveBeenCalled()
})
