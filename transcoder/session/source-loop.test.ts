import { getEventListeners } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { source as knownSource, liveSession } from '../../test/kit/manager/live-data.ts'
import type { PullEnd } from '../source/pull.ts'
import { followSession, type KnownSession } from './followed-session.ts'
import { followSource } from './source-loop.ts'

const log = createLog('test', 'silent')
const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const each of cleanUp.splice(0)) each()
})

const placeOf = (url: string) => ({ instance: url, flvUrl: url })

/**
 * Follows a session whose record the test writes. Each pull waits until the test ends it. `quietMs`: for how
 * long nothing has come in it; `tend` is that of the keeper.
 */
function follow({ quietMs = 0, tend = async () => false } = {}) {
  const first = liveSession({ source: knownSource, ingest: placeOf('http://one'), publish: 1 })
  const registry: { record: LiveSession | undefined } = { record: first }
  const followed = followSession({ session: async () => registry.record }, first as KnownSession, log)
  cleanUp.push(followed.close)
  const stop = new AbortController()
  const pulls: string[] = []
  const waiting: ((end: PullEnd) => void)[] = []
  const started: (() => void)[] = []
  let interruptions = 0
  const givenUp: string[] = []
  const end = followSource({
    fromMs: undefined,
    feed: {
      newestMs: undefined,
      quietMs,
      drop: (detail) => waiting.at(-1)?.({ kind: 'lost', detail }),
      run({ url }) {
        pulls.push(url)
        const { promise, resolve } = Promise.withResolvers<PullEnd>()
        waiting.push(resolve)
        for (const each of started.splice(0)) each()
        return promise
      },
      stop: () => waiting.at(-1)?.({ kind: 'stopped' }),
    },
    followed,
    keeper: { tend, endIfOver: async () => false },
    stop: stop.signal,
    onInterrupted: () => void interruptions++,
    onUnreadable: (detail) => void givenUp.push(detail),
    onWaiting() {},
    log,
  })
  return {
    end,
    stop,
    pulls,
    interruptions: () => interruptions,
    givenUp,
    put: (changes: Partial<LiveSession>) => {
      registry.record = { ...first, ...registry.record, ...changes }
    },
    remove: () => {
      registry.record = undefined
    },
    endPull: (end: PullEnd) => waiting.at(-1)?.(end),
    nextPull: () => new Promise<void>((resolve) => started.push(resolve)),
  }
}

const interruption = { since: 0, until: Date.now() + 60_000, reason: 'publisher_lost' } as const

test('a session that ends leaves nothing on the signal of the process', async () => {
  const { end, endPull, remove, stop } = follow()
  remove()
  endPull({ kind: 'ended' })
  expect(await end).toBe('ended')
  expect(getEventListeners(stop.signal, 'abort')).toEqual([])
})

test('a stop ends the pull and the loop', async () => {
  const { end, stop } = follow()
  stop.abort()
  expect(await end).toBe('stopped')
  expect(getEventListeners(stop.signal, 'abort')).toEqual([])
})

test('a session that waits is pulled from where its publisher returns, once the source is known', async () => {
  const session = follow()
  const { endPull, put, pulls, nextPull, stop } = session
  put({ interruption })
  endPull({ kind: 'interrupted' })
  const next = nextPull()
  put({ interruption: undefined, publish: 2, source: null, ingest: placeOf('http://two') })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(pulls).toEqual(['http://one'])
  put({ source: knownSource })
  await next
  expect(pulls).toEqual(['http://one', 'http://two'])
  expect(session.interruptions()).toBeGreaterThan(0)
  stop.abort()
})

test('a publish that replaced the one before is pulled as another one, also when the change was not seen', async () => {
  const session = follow()
  const next = session.nextPull()
  session.put({ publish: 2, ingest: placeOf('http://two') })
  session.endPull({ kind: 'lost', detail: 'closed' })
  await next
  expect(session.pulls).toEqual(['http://one', 'http://two'])
  expect(session.interruptions()).toBe(1)
  session.stop.abort()
})

test('a pull that breaks in the middle of a publish interrupts nothing', async () => {
  const session = follow()
  const next = session.nextPull()
  session.endPull({ kind: 'lost', detail: 'closed' })
  await next
  expect(session.interruptions()).toBe(0)
  session.stop.abort()
})

test('a session whose publisher does not return ends with its record', async () => {
  const { end, endPull, put, remove } = follow()
  put({ interruption: { ...interruption, until: Date.now() } })
  endPull({ kind: 'interrupted' })
  await new Promise((resolve) => setTimeout(resolve, 150))
  remove()
  expect(await end).toBe('ended')
})

test('a pull from which nothing comes is left when another ingest continues the session', async () => {
  const session = follow({ quietMs: 1000 })
  const next = session.nextPull()
  session.put({ publish: 2, ingest: placeOf('http://two') })
  await next
  expect(session.pulls).toEqual(['http://one', 'http://two'])
  session.stop.abort()
})

test('a pull from which nothing comes is left when its ingest no longer writes the record', async () => {
  const session = follow({
    quietMs: 1000,
    async tend() {
      session.put({ interruption })
      return true
    },
  })
  await vi.waitFor(() => expect(session.interruptions()).toBe(1))
  const next = session.nextPull()
  session.put({ interruption: undefined })
  await next
  expect(session.pulls).toEqual(['http://one', 'http://one'])
  session.stop.abort()
})

test('a source whose media cannot be read three times in a row is given up', async () => {
  const session = follow()
  for (const nth of [1, 2]) {
    const next = session.nextPull()
    session.endPull({ kind: 'unreadable', detail: `fault ${nth}` })
    await next
  }
  session.endPull({ kind: 'unreadable', detail: 'fault 3' })
  expect(await session.end).toBe('stopped')
  expect(session.givenUp).toEqual(['the media of the source is unreadable: fault 3'])
})

test('lost connections are no fault of the media, in any number', async () => {
  const session = follow()
  for (let nth = 1; nth <= 4; nth += 1) {
    const next = session.nextPull()
    session.endPull({ kind: 'lost', detail: 'closed' })
    await next
  }
  session.stop.abort()
  await session.end
  expect(session.givenUp).toEqual([])
})
