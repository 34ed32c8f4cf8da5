import { expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { drain } from './drain.ts'

const log = createLog('test', 'silent')

function parts(change: Partial<Parameters<typeof drain>[0]> = {}) {
  const report = { drain: vi.fn(async () => {}) }
  return { report, hasOthers: async () => true, viewers: () => 1, log, deadlineMs: 10_000, ...change }
}
const never = new AbortController().signal

test('an edge alone ends at once: there is nowhere to go', async () => {
  const alone = parts({ hasOthers: async () => false })
  await drain(alone, never)
  expect(alone.report.drain).not.toHaveBeenCalled()
})

test('so does one that cannot ask, and one that is told not to wait', async () => {
  await drain(parts({ hasOthers: () => Promise.reject(new Error('redis is away')) }), never)
  await drain(parts({ deadlineMs: 0 }), never)
})

test('it serves on until the last viewer has gone', async () => {
  let viewers = 2
  const one = parts({ viewers: () => viewers })
  let ended = false
  const end = drain(one, never).then(() => {
    ended = true
  })
  await vi.waitFor(() => expect(one.report.drain).toHaveBeenCalled())
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(ended).toBe(false)
  viewers = 0
  await end
})

test('it does not wait beyond its deadline, nor when it is told to hurry', async () => {
  await drain(parts({ deadlineMs: 50 }), never)
  const hurry = new AbortController()
  const end = drain(parts(), hurry.signal)
  hurry.abort()
  await end
})
