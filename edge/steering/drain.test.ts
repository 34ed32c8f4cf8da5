import { expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { type DrainOptions, drain } from './drain.ts'

const log = createLog('test', 'silent')

function optionsWith(change: Partial<DrainOptions> = {}) {
  const report = { drain: vi.fn(async () => {}) }
  return { report, hasOthers: async () => true, viewers: () => 1, log, deadlineMs: 10_000, ...change }
}
const never = new AbortController().signal

test('an edge without others ends at once', async () => {
  const alone = optionsWith({ hasOthers: async () => false })
  await drain(alone, never)
  expect(alone.report.drain).not.toHaveBeenCalled()
})

test('so does one that cannot find out, and one without a drain', async () => {
  await drain(optionsWith({ hasOthers: () => Promise.reject(new Error('redis is away')) }), never)
  await drain(optionsWith({ deadlineMs: 0 }), never)
})

test('it serves until the last viewer has left', async () => {
  let viewers = 2
  const readViewers = vi.fn(() => viewers)
  const one = optionsWith({ viewers: readViewers })
  let ended = false
  const end = drain(one, never).then(() => {
    ended = true
  })
  await vi.waitFor(() => expect(one.report.drain).toHaveBeenCalled())
  readViewers.mockClear()
  await vi.waitFor(() => expect(readViewers.mock.calls.length).toBeGreaterThan(1), { timeout: 5000 })
  expect(ended).toBe(false)
  viewers = 0
  await end
})

test('it does not wait beyond its deadline, or when the signal aborts', async () => {
  await drain(optionsWith({ deadlineMs: 50 }), never)
  const hurry = new AbortController()
  const end = drain(optionsWith(), hurry.signal)
  hurry.abort()
  await end
})
