import { expect, test } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import { createRegistryRecord } from './registry-record.ts'

const session = liveSession({ slug: 'demo' })

/** Creates a registry. `putSession` ends in the next turn of the event loop, or fails while `isAway`. */
function fakeRegistry() {
  const calls: string[] = []
  const registry = {
    calls,
    isAway: false,
    async putSession({ newestMs }: LiveSession, isAnnounced = true) {
      if (registry.isAway) throw new Error('away')
      await new Promise((resolve) => setImmediate(resolve))
      calls.push(`put ${newestMs} ${isAnnounced}`)
      return true
    },
    async removeSession() {
      calls.push('remove')
    },
  }
  return registry
}

test('the first write after an outage is announced', async () => {
  const registry = fakeRegistry()
  const record = createRegistryRecord(session, registry, createLog('test', 'silent'))
  await record.put({ newestMs: 1 }, false)
  registry.isAway = true
  await record.put({ newestMs: 2 }, false)
  registry.isAway = false
  await record.put({ newestMs: 3 }, false)
  await record.put({ newestMs: 4 }, false)
  expect(registry.calls).toEqual(['put 1 false', 'put 3 true', 'put 4 false'])
  expect(record.current).toMatchObject({ slug: 'demo', newestMs: 4 })
})

test('a write in progress does not restore a removed record, a later one does nothing', async () => {
  const registry = fakeRegistry()
  const record = createRegistryRecord(session, registry, createLog('test', 'silent'))
  void record.put({ newestMs: 1 }, false)
  const removed = record.remove()
  await record.put({ newestMs: 2 }, false)
  await removed
  expect(registry.calls).toEqual(['put 1 false', 'remove'])
})

test('a removal that fails is repeated', async () => {
  const { promise: removed, resolve } = Promise.withResolvers<void>()
  let attempts = 0
  const registry = {
    putSession: async () => true,
    async removeSession() {
      attempts += 1
      if (attempts < 3) throw new Error('away')
      resolve()
    },
  }
  const record = createRegistryRecord(liveSession(), registry, createLog('test', 'silent'), 1)
  await expect(record.remove()).rejects.toThrow('away')
  await removed
  expect(attempts).toBe(3)
})
