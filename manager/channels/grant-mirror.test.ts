import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createLog } from '../../core/process/log.ts'
import { type Channel, grantOf } from '../store/channels.ts'
import { createGrantMirror } from './grant-mirror.ts'

const log = createLog('test', 'error', { write: () => {} })

/** A store and a mirror in memory; `before` runs before each write of the mirror. */
function world() {
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
    put: (hash: string, grant: ChannelGrant, former?: string) =>
      write(() => {
        mirrored.set(hash, grant)
        if (former !== undefined && former !== hash) mirrored.delete(former)
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
    /** As a Redis that came back empty. */
    forget: () => mirrored.clear(),
    keys: () => [...mirrored.keys()].toSorted(),
    set(id: string, fields: Partial<Channel> | undefined) {
      version += 1
      if (fields === undefined) channels.delete(id)
      else channels.set(id, { ...(channels.get(id) ?? channel(id)), ...fields })
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

it('mirrors all when Redis comes, and again when it comes back', async () => {
  const { set, arrive, mirror, keys, forget } = world()
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

it('writes what the store says now, however late', async () => {
  const { set, arrive, mirror, keys } = world()
  arrive()
  set('a', { keyHash: 'one' })
  await mirror.settle('a', 'one')
  // Two rotations whose writes come in the wrong order.
  set('a', { keyHash: 'two' })
  set('a', { keyHash: 'three' })
  await mirror.settle('a', 'two')
  await mirror.settle('a', 'one')
  expect(keys()).toEqual(['three'])
})

it('looks again after a write, because another manager may have been at it', async () => {
  const { set, arrive, mirror, keys, beforeWrite } = world()
  arrive()
  set('a', { keyHash: 'one' })
  beforeWrite(() => set('a', { keyHash: 'two' }))
  await mirror.settle('a', 'one')
  expect(keys()).toEqual(['two'])
  beforeWrite(() => set('a', undefined))
  await mirror.settle('a', 'two')
  expect(keys()).toEqual([])
})

it('repeats a whole write when something changed meanwhile', async () => {
  const { set, arrive, mirror, keys, beforeWrite } = world()
  set('a', { keyHash: 'one' })
  beforeWrite(() => set('a', { keyHash: 'two' }))
  arrive()
  await mirror.settle('none', 'none')
  expect(keys()).toEqual(['two'])
  await mirror.close()
})

it('takes away what is disabled or deleted', async () => {
  const { set, arrive, mirror, keys } = world()
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

it('rejects at once while Redis is away, and heals when it is back', async () => {
  const { set, arrive, mirror, redis, keys } = world()
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

function channel(id: string): Channel {
  return {
    id,
    slug: id,
    title: id,
    latency: 'low',
    takeover: false,
    enabled: true,
    playback: 'public',
    tokensRevokedUntil: 0,
    keyHash: `hash-${id}`,
    keySealed: '',
    createdAt: 0,
    updatedAt: 0,
  }
}
