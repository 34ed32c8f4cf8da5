import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createLog } from '../../core/process/log.ts'
import { sampleChannel } from '../../test/kit/manager/sample-channel.ts'
import { type Channel, grantOf } from '../store/channel-record.ts'
import { createGrantMirror } from './grant-mirror.ts'

const log = createLog('test', 'error', { write: () => {} })

/**
 * Creates a store and a Redis in memory, with a mirror between them. `beforeWrite` sets a function that runs
 * once, before the next write. In it a test changes the store, as another manager would.
 */
function createWorld() {
  const channels = new Map<string, Channel>()
  const mirrored = new Map<string, ChannelGrant>()
  let version = 0
  let before: (() => void) | undefined
  const redis = Object.assign(new EventEmitter(), { status: 'connecting' })
  const write = (act: () => void) => async () => {
    const hook = before
    before = undefined
    hook?.()
    if (redis.status !== 'ready') throw new Error('away')
    act()
  }
  const source = {
    byId: async (id: string) => channels.get(id),
    grants: async () =>
      new Map(
        [...channels.values()].filter(({ enabled }) => enabled).map((each) => [each.keyHash, grantOf(each)]),
      ),
    grantsVersion: async () => String(version),
  }
  const target = {
    put: (hash: string, grant: ChannelGrant, previous?: string) =>
      write(() => {
        mirrored.set(hash, grant)
        if (previous !== undefined && previous !== hash) mirrored.delete(previous)
      })(),
    remove: (hash: string) => write(() => void mirrored.delete(hash))(),
    replaceAll: (grants: ReadonlyMap<string, ChannelGrant>) =>
      write(() => {
        mirrored.clear()
        for (const [hash, grant] of grants) mirrored.set(hash, grant)
      })(),
  }
  return {
    redis,
    mirror: createGrantMirror(source, target, redis, log),
    /** Empties Redis, as if it had restarted without its data. */
    forget: () => mirrored.clear(),
    keys: () => [...mirrored.keys()].toSorted(),
    set(id: string, fields: Partial<Channel> | undefined) {
      version += 1
      const channel = channels.get(id) ?? sampleChannel(id, { keyHash: `hash-${id}` })
      if (fields === undefined) channels.delete(id)
      else channels.set(id, { ...channel, ...fields })
    },
    beforeWrite(hook: () => void) {
      before = hook
    },
    arrive() {
      redis.status = 'ready'
      redis.emit('ready')
    },
  }
}

test('mirrors everything when Redis is ready, and again when it comes back', async () => {
  const { set, arrive, mirror, keys, forget } = createWorld()
  set('a', {})
  set('b', { enabled: false })
  arrive()
  await mirror.settle('none', 'none')
  expect(keys()).toEqual(['hash-a'])
  forget()
  arrive()
  await mirror.settle('none', 'none')
  expect(keys()).toEqual(['hash-a'])
  await mirror.close()
})

test('writes what the store contains now, however late', async () => {
  const { set, arrive, mirror, keys } = createWorld()
  arrive()
  set('a', { keyHash: 'one' })
  await mirror.settle('a', 'one')
  // Two rotations, mirrored in the wrong order.
  set('a', { keyHash: 'two' })
  set('a', { keyHash: 'three' })
  await mirror.settle('a', 'two')
  await mirror.settle('a', 'one')
  expect(keys()).toEqual(['three'])
})

test('reads the store again after a write, because another manager may have changed it', async () => {
  const { set, arrive, mirror, keys, beforeWrite } = createWorld()
  arrive()
  set('a', { keyHash: 'one' })
  beforeWrite(() => set('a', { keyHash: 'two' }))
  await mirror.settle('a', 'one')
  expect(keys()).toEqual(['two'])
  beforeWrite(() => set('a', undefined))
  await mirror.settle('a', 'two')
  expect(keys()).toEqual([])
})

test('repeats the write of everything when the store changed meanwhile', async () => {
  const { set, arrive, mirror, keys, beforeWrite } = createWorld()
  set('a', { keyHash: 'one' })
  beforeWrite(() => set('a', { keyHash: 'two' }))
  arrive()
  await mirror.settle('none', 'none')
  expect(keys()).toEqual(['two'])
  await mirror.close()
})

test('removes the grants of disabled and deleted channels', async () => {
  const { set, arrive, mirror, keys } = createWorld()
  set('a', {})
  set('b', {})
  arrive()
  set('a', { enabled: false })
  await mirror.settle('a', 'hash-a')
  expect(keys()).toEqual(['hash-b'])
  set('b', undefined)
  await mirror.settle('b', 'hash-b')
  expect(keys()).toEqual([])
})

test('rejects at once while Redis is away, and heals when it is back', async () => {
  const { set, arrive, mirror, redis, keys } = createWorld()
  arrive()
  redis.status = 'reconnecting'
  set('a', {})
  await expect(mirror.settle('a', 'hash-a')).rejects.toThrow('redis is away')
  expect(keys()).toEqual([])
  arrive()
  await mirror.settle('none', 'none')
  expect(keys()).toEqual(['hash-a'])
  await mirror.close()
})
