import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { Log } from '../../core/process/log.ts'
import { StoreError } from './segment-store.ts'
import { indexKey, type StoreKey, segmentKey } from './store-key.ts'
import { createUploadQueue, type UploadQueueOptions } from './upload-queue.ts'

const sessionId = 's_AAAAAAAAAAAAAAAAAAAAAA'
const keyOf = (msn: number) => segmentKey(sessionId, { rendition: '720p', epoch: 1, msn })
const index = indexKey(sessionId, 'i_one')

const closes: (() => void)[] = []
afterEach(() => {
  for (const close of closes.splice(0)) close()
})

/** Creates a queue before a store that fails as `state` says, and records what happens. */
function createTestQueue(limits: UploadQueueOptions['limits'] = {}) {
  const state = { fails: (_: StoreKey): boolean => false, hangs: false }
  const put: StoreKey[] = []
  const ended: [StoreKey, boolean][] = []
  const lines: string[] = []
  const counts = { stored: 0, failed: 0, dropped: 0 }
  let [running, maxRunning] = [0, 0]
  const log = {
    warn: (_: object, text: string) => lines.push(`warn ${text}`),
    info: (_: object, text: string) => lines.push(`info ${text}`),
  } as unknown as Log
  const queue = createUploadQueue({
    store: {
      kind: 'disk',
      async put(key, _, signal) {
        put.push(key)
        maxRunning = Math.max(maxRunning, ++running)
        await delay(2)
        if (state.hangs)
          await new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(new StoreError('late'))),
          )
        running--
        if (state.fails(key)) throw new StoreError('the disk is full')
      },
    },
    metrics: {
      stored: () => counts.stored++,
      failed: () => counts.failed++,
      dropped: () => counts.dropped++,
    },
    log,
    limits: { backoff: { firstMs: 5, maxMs: 20 }, awayAfterMs: 30, attemptMs: 1000, ...limits },
  })
  closes.push(queue.close)
  const add = (key: StoreKey, bytes = 1000) =>
    queue.add({
      key,
      bytes,
      isFirst: key === index,
      pieces: () => [],
      onEnd: (isStored) => ended.push([key, isStored]),
    })
  return { queue, state, put, ended, lines, counts, add, maxRunning: () => maxRunning }
}

const until = (is: () => void) => vi.waitFor(is, { timeout: 5000, interval: 5 })

test('uploads are stored in order, an index before others, two at a time', async () => {
  const { queue, put, ended, add, maxRunning } = createTestQueue()
  for (const msn of [1, 2, 3, 4]) add(keyOf(msn))
  add(index)
  expect(queue.figures.queuedBytes).toBe(3000)
  await until(() => expect(ended.length).toBe(5))
  expect(put).toEqual([keyOf(1), keyOf(2), index, keyOf(3), keyOf(4)])
  expect(ended.every(([, isStored]) => isStored)).toBe(true)
  expect(maxRunning()).toBe(2)
  expect(queue.figures).toEqual({ isAway: false, queuedBytes: 0, behindSeconds: 0 })
})

test('while the store fails uploads wait, and are stored when it is back; the log has two lines', async () => {
  const { queue, state, ended, lines, counts, add } = createTestQueue()
  state.fails = () => true
  for (const msn of [1, 2, 3]) add(keyOf(msn))
  await until(() => expect(queue.figures.isAway).toBe(true))
  await until(() => expect(counts.failed).toBeGreaterThan(8))
  expect(queue.figures.behindSeconds).toBeGreaterThan(0)
  expect(ended).toEqual([])
  state.fails = () => false
  await until(() => expect(ended.length).toBe(3))
  expect(counts).toMatchObject({ stored: 3, dropped: 0 })
  expect(lines).toEqual([
    'warn the segment store is away: live continues, segments are not stored',
    'info the segment store works again',
  ])
})

test('an object that always fails does not keep others from being stored, nor is the store away', async () => {
  const { queue, state, ended, lines, add } = createTestQueue({ awayAfterMs: 300 })
  state.fails = (key) => key === index
  add(index)
  for (const msn of [1, 2, 3, 4]) add(keyOf(msn))
  await until(() => expect(ended.length).toBe(4))
  queue.drop(index)
  await until(() => expect(ended.at(-1)).toEqual([index, false]))
  expect(lines).toEqual([])
})

test('the oldest segments are dropped when too many or too large ones wait, but no index', async () => {
  const { state, ended, counts, add } = createTestQueue({ maxUploads: 3, maxBytes: 5000 })
  state.hangs = true
  for (const msn of [1, 2]) add(keyOf(msn))
  add(index)
  for (const msn of [3, 4, 5, 6]) add(keyOf(msn))
  expect(ended).toEqual([[keyOf(3), false]])
  add(keyOf(7), 3000)
  expect(ended.map(([key]) => key)).toEqual([3, 4, 5].map(keyOf))
  expect(counts.dropped).toBe(3)
})

test('an upload that is given up is not repeated, and a store that hangs gets no more than it has', async () => {
  const { queue, state, put, ended, add } = createTestQueue({ attemptMs: 30 })
  state.hangs = true
  for (const msn of [1, 2, 3]) add(keyOf(msn))
  await until(() => expect(put.length).toBe(2))
  queue.drop(keyOf(1))
  queue.drop(keyOf(3))
  expect(ended).toEqual([[keyOf(3), false]])
  await until(() => expect(ended).toContainEqual([keyOf(1), false]))
  state.hangs = false
  await until(() => expect(ended).toContainEqual([keyOf(2), true]))
  expect(put.filter((key) => key === keyOf(1))).toHaveLength(1)
})

test('a queue that is closed ends all uploads', async () => {
  const { queue, state, ended, add } = createTestQueue()
  state.hangs = true
  for (const msn of [1, 2, 3]) add(keyOf(msn))
  queue.close()
  add(keyOf(4))
  await until(() => expect(new Set(ended)).toEqual(new Set([1, 2, 3, 4].map((msn) => [keyOf(msn), false]))))
})
