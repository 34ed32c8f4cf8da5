import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import { createLog } from '../../core/process/log.ts'
import { createRuleMirror } from './rule-mirror.ts'

const log = createLog('test', 'silent')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/**
 * Creates a store and a Redis in memory, with a mirror between them. `store.before` runs before each write,
 * so that a test can change the store meanwhile.
 */
function createWorld() {
  const store = { version: 0, revoked: {} as Record<string, number>, before: () => {} }
  const written: PlaybackRules[] = []
  const redis = Object.assign(new EventEmitter(), { status: 'ready' })
  const mirror = createRuleMirror(
    {
      version: async () => String(store.version),
      rules: async () => ({ signed: {}, revoked: { ...store.revoked } }),
    },
    {
      async put(rules) {
        store.before()
        if (redis.status !== 'ready') throw new Error('away')
        written.push(rules)
      },
    },
    redis,
    log,
  )
  const revoke = (id: string) => {
    store.version += 1
    store.revoked[id] = 1
  }
  return { store, written, redis, mirror, revoke, last: () => Object.keys(written.at(-1)?.revoked ?? {}) }
}

test('writes at the start, and after a change', async () => {
  const { mirror, revoke, last } = createWorld()
  revoke('pt_1')
  await mirror.settle()
  expect(last()).toEqual(['pt_1'])
  await mirror.close()
})

test('writes again when the store changed meanwhile', async () => {
  const { store, mirror, revoke, last } = createWorld()
  store.before = () => {
    store.before = () => {}
    revoke('pt_late')
  }
  await mirror.settle()
  expect(last()).toEqual(['pt_late'])
  await mirror.close()
})

test('rejects while Redis is away, and heals by itself', async () => {
  const { redis, mirror, revoke, last } = createWorld()
  await mirror.settle()
  redis.status = 'reconnecting'
  revoke('pt_1')
  await expect(mirror.settle()).rejects.toThrow('redis is away')
  await vi.advanceTimersByTimeAsync(3000)
  expect(last()).toEqual([])
  redis.status = 'ready'
  await vi.advanceTimersByTimeAsync(1000)
  expect(last()).toEqual(['pt_1'])
  await mirror.close()
})

test('writes again when Redis comes back', async () => {
  const { redis, written, mirror } = createWorld()
  await mirror.settle()
  const before = written.length
  redis.emit('ready')
  await vi.advanceTimersByTimeAsync(0)
  expect(written.length).toBe(before + 1)
  await mirror.close()
})
