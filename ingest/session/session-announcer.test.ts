import { expect, test } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { createEventOutbox } from './event-outbox.ts'
import { createSessionAnnouncer } from './session-announcer.ts'

const first: LiveSession = {
  sessionId: 's_1',
  channelId: 'c_1',
  slug: 'demo',
  latency: 'low',
  startedAt: 0,
  ingest: { instance: 'i_1', flvUrl: 'http://127.0.0.1/flv/s_1' },
  publisher: { address: '127.0.0.1', software: null },
  source: null,
  expectedGopMs: null,
}

/** Creates an announcer with a Redis that takes two turns of the event loop to append an event. */
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
      putSession: async () => {},
      removeSession: async () => void order.push('removed'),
      rememberGop: async () => {},
    },
    stopRequests: { pending: async () => undefined },
    claims: { hold: async () => true, release: async () => void order.push('released') },
    outbox: createEventOutbox(sessionLog, log),
    queue: { add: async () => {} },
    log,
  })
  return { started, ended, order }
}

test('the record of a session is removed after the log has its end', async () => {
  const { started, ended, order } = announcer()
  await started()
  await ended('publisher_left', null, null)
  expect(order).toEqual(['released', 'started', 'ended', 'removed'])
})

test('a log that takes no events keeps no session alive', async () => {
  const { ended, order } = announcer({ isLogAway: true })
  await ended('publisher_left', null, null)
  expect(order).toEqual(['released', 'removed'])
})
