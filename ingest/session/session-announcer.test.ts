import { expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import { createEventOutbox } from './event-outbox.ts'
import { createSessionAnnouncer } from './session-announcer.ts'

const first = liveSession()

/**
 * Creates an announcer with a session log that takes two turns of the event loop to append an event, or
 * rejects.
 */
function announcer(options: { isLogAway?: boolean } = {}) {
  const order: string[] = []
  const log = createLog('test', 'silent')
  const sessionLog = {
    async append({ type }: { type: string }) {
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      if (options.isLogAway) throw new Error('away')
      order.push(type)
    },
  }
  const { started, ended } = createSessionAnnouncer(first, {
    registry: {
      putSession: async () => true,
      removeSession: async () => void order.push('removed'),
      rememberGop: async () => {},
      originAgeMs: async () => 0,
      origin: async () => undefined,
      noteLost: async () => {},
    },
    stopRequests: { pending: async () => undefined },
    claims: {
      hold: async () => true,
      claimOf: () => undefined,
      release: async () => void order.push('released'),
    },
    outbox: createEventOutbox(sessionLog, log),
    queue: { add: async () => {}, hasJob: async () => true, passOn: async () => false },
    log,
  })
  return { started, ended, order }
}

test('the record of a session is removed after the log has its end', async () => {
  const { started, ended, order } = announcer()
  await started({ end() {} })
  await ended('publisher_left', null, null)
  expect(order).toEqual(['released', 'started', 'ended', 'removed'])
})

test('a log that takes no events keeps no session alive', async () => {
  const { ended, order } = announcer({ isLogAway: true })
  await ended('publisher_left', null, null)
  expect(order).toEqual(['released', 'removed'])
})
