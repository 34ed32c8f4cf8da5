import { expect, test, vi } from 'vitest'
import { createLog } from '../core/process/log.ts'
import { type DrainOptions, drain } from './drain.ts'

const log = createLog('test', 'silent')
const never = new AbortController().signal

/** Creates an ingest whose publishers leave when they are asked to. */
function ingestWith(publishers: number) {
  const rtmp = { stopListening: vi.fn() }
  let waitingSessions = 1
  const leave = () => {
    waitingSessions += publishers
  }
  const sessions = {
    figures: () => ({ sessions: publishers + 1, waitingSessions }),
    move: vi.fn(leave),
  }
  const options = (waitMs: number): DrainOptions => ({ rtmp, sessions, log, waitMs })
  return { rtmp, sessions, options, leave }
}

test('an ingest that drains takes no more publishers, and asks the present ones to move', async () => {
  const { rtmp, sessions, options } = ingestWith(2)
  await drain(options(0), never)
  expect(rtmp.stopListening).toHaveBeenCalledOnce()
  expect(sessions.move).toHaveBeenCalledOnce()
})

test('one that waits asks them only after the wait', async () => {
  const { sessions, options, leave } = ingestWith(1)
  const end = drain(options(60_000), never)
  expect(sessions.move).not.toHaveBeenCalled()
  leave()
  await end
})

test('a signal ends the wait, and no publisher is asked', async () => {
  const { sessions, options } = ingestWith(1)
  const hurry = new AbortController()
  const end = drain(options(60_000), hurry.signal)
  hurry.abort()
  await end
  expect(sessions.move).not.toHaveBeenCalled()
})
