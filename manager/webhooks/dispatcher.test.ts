import { afterEach, expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import type { Lane } from './delivery-store.ts'
import { createDispatcher } from './dispatcher.ts'

const log = createLog('test', 'silent')
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/**
 * Starts a dispatcher whose lanes are due since `dueAt`, at the time 10,000. A lane that was delivered is no
 * longer due. `isAway`: whether the queue takes no jobs.
 */
function dispatcherOf(lanes: string[], { dueAt = 10_000, isAway = false } = {}) {
  const due = new Set(lanes)
  const [queued, delivered]: [string[], string[]] = [[], []]
  const changed = Promise.withResolvers<void>()
  const state = { opened: 0, closed: 0, isAborted: false, waits: undefined as Promise<void> | undefined }
  const note = (list: string[], lane: string) => {
    due.delete(lane)
    list.push(lane)
    if (due.size === 0) changed.resolve()
  }
  const dispatcher = createDispatcher({
    deliveries: {
      due: async () => [...due].map((lane) => ({ webhookId: 'wh_one', lane, dueAt })),
    },
    async deliver({ lane }, signal) {
      note(delivered, lane)
      signal.addEventListener('abort', () => {
        state.isAborted = true
      })
      await state.waits
    },
    openQueue: () => {
      state.opened += 1
      return {
        async add({ lane }: Lane) {
          if (isAway) return false
          note(queued, lane)
          return true
        },
        async close() {
          state.closed += 1
        },
      }
    },
    log,
    now: () => 10_000,
  })
  closing.push(dispatcher.close)
  return { dispatcher, state, queued, delivered, changed: changed.promise }
}

test('lanes that are due are queued for all managers, and the queue is opened once', async () => {
  const { queued, delivered, state, changed } = dispatcherOf(['show', 'other'])
  await changed
  expect([queued, delivered, state.opened]).toEqual([['show', 'other'], [], 1])
})

test('without anything to deliver there is no queue', async () => {
  const { dispatcher, state } = dispatcherOf([])
  await dispatcher.close()
  expect([state.opened, state.closed]).toEqual([0, 0])
})

test('while the queue takes no jobs the manager delivers itself', async () => {
  const { queued, delivered, changed } = dispatcherOf(['show', 'other'], { isAway: true })
  await changed
  expect([queued, delivered]).toEqual([[], ['show', 'other']])
})

test('a lane whose job another manager took, and lost, is delivered without the queue', async () => {
  const { queued, delivered, changed } = dispatcherOf(['show'], { dueAt: 7000 })
  await changed
  expect([queued, delivered]).toEqual([[], ['show']])
})

test('closing aborts the attempts in progress, waits for them, and then closes the queue', async () => {
  const { dispatcher, state, changed } = dispatcherOf(['show'], { isAway: true })
  const wait = Promise.withResolvers<void>()
  state.waits = wait.promise
  await changed
  const closed = dispatcher.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect([state.isAborted, state.closed]).toEqual([true, 0])
  wait.resolve()
  await closed
  expect(state.closed).toBe(1)
})
