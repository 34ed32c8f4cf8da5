import { expect, test } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { YieldAnswer } from '../../core/contracts/yield-requests.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import { createFormerSessions } from './former-sessions.ts'

const publishing = liveSession({ mediaZeroAt: 1000, graceMs: 30_000 })
const interrupted: LiveSession = {
  ...publishing,
  interruption: { since: 1, until: 2, reason: 'publisher_lost' },
}

/** Looks for the session that a publisher continues. The functions get the number of the look, from 1 on. */
function find(answer: (look: number) => YieldAnswer | undefined, record = (_look: number) => publishing) {
  let looks = 0
  const { sessionId } = publishing
  return createFormerSessions({
    registry: {
      channelClaim: async () => ({ sessionId, order: 1, takeover: false }),
      session: async () => record(looks++),
    },
    yields: { request: async () => true, answer: async () => answer(looks) },
  }).find(publishing.channelId)
}

test('an ingest that confirms no request is frozen: the session continues without it', async () => {
  expect(await find(() => undefined)).toBe(publishing)
})

test('an ingest that is still deciding keeps its session, and yields it by the interruption', async () => {
  expect(await find(() => 'received')).toBeUndefined()
  const laterThanFrozen = 14
  const yielded = await find(
    () => 'received',
    (look) => (look > laterThanFrozen ? interrupted : publishing),
  )
  expect(yielded).toBe(interrupted)
})

test('an ingest whose publisher is sending refuses', async () => {
  expect(await find((look) => (look > 3 ? 'refused' : 'received'))).toBeUndefined()
})
