import { expect, test } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { createLog } from '../../core/process/log.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import type { GrantResult } from './grants.ts'
import { createPublishAuthority, type GrantedPublish } from './publish-authority.ts'
import type { PublishedSession } from './publish-sink.ts'

const grant: ChannelGrant = { channelId: 'c_1', slug: 'demo', latency: 'low', takeover: false }
const request = { streamKey: 'key', address: '127.0.0.1', software: null }

interface Situation {
  granted?: GrantResult
  isBusy?: boolean
  /** Whether another publisher takes the channel over before this one is accepted. */
  isSuperseded?: boolean
  isClosing?: boolean
  /** Order of the claim of each session of the channel at another ingest, by session id. */
  elsewhere?: Record<string, number>
  /** State of the channel's session at this ingest. */
  here?: 'waiting' | 'publishing' | 'none'
  /** Whether the session of another ingest waits for its publisher. */
  waitsElsewhere?: boolean
  /** Whether all transcoders are full. */
  isFull?: boolean
}

function createAuthority(situation: Situation) {
  const {
    granted = grant,
    isBusy = false,
    isSuperseded = false,
    isClosing = false,
    elsewhere = {},
    here = 'none',
  } = situation
  const resumed: (string | undefined)[] = []
  const released: string[] = []
  const ended: string[] = []
  const stops: StopRequest[] = []
  const opened: GrantedPublish[] = []
  const session: PublishedSession = {
    graceMs: 0,
    receive() {},
    flush() {},
    onEnd() {},
    end: (reason) => void ended.push(reason),
  }
  const authority = createPublishAuthority({
    grants: { lookUp: async () => granted },
    claims: {
      acquire: async () => !isBusy,
      isHeldBy: () => !isSuperseded,
      claimOf: (sessionId) => ({ sessionId, order: 2, takeover: true }),
      release: async (_, sessionId) => void released.push(sessionId),
    },
    registry: {
      rememberedGop: async () => 2000,
      sessions: async () =>
        Object.entries(elsewhere).map(([sessionId, order]) => {
          const claim = { sessionId, order, takeover: true }
          return { sessionId, channelId: 'c_1', claim } as LiveSession
        }),
    },
    stopRequests: { request: async (stop) => void stops.push(stop) },
    formerSessions: {
      find: async () => (situation.waitsElsewhere ? liveSession({ sessionId: 's_elsewhere' }) : undefined),
    },
    places: { areTaken: async () => situation.isFull === true },
    sessions: {
      isClosing,
      has: (sessionId) => opened.some((each) => each.sessionId === sessionId),
      ofChannel: () => [session],
      release: async () => here,
      async resume(_publish, former) {
        resumed.push(former?.sessionId)
        return session
      },
      open(publish) {
        opened.push(publish)
        return session
      },
    },
    log: createLog('test', 'silent'),
  })
  return { authority, ended, stops, opened, released, resumed }
}

test.each<[string, Situation]>([
  ['shutdown', { isClosing: true }],
  ['bad_key', { granted: 'unknown' }],
  ['unavailable', { granted: 'away' }],
  ['channel_busy', { isBusy: true }],
  ['channel_busy', { isSuperseded: true }],
  ['no_room', { isFull: true }],
])('a publisher is refused with %s', async (reason, situation) => {
  const { authority, opened } = createAuthority(situation)
  expect(await authority.authorize(request)).toMatchObject({ refusal: { reason } })
  expect(opened).toEqual([])
})

test('a session is opened with its grant and the last GOP of the channel', async () => {
  const { authority, opened, ended, stops } = createAuthority({ elsewhere: { s_old: 1 } })
  expect(await authority.authorize(request)).toHaveProperty('session')
  expect(opened).toMatchObject([{ grant, request, expectedGopMs: 2000 }])
  expect([ended, stops]).toEqual([[], []])
})

test('a takeover ends the sessions with an earlier claim to the channel, here and at other ingests', async () => {
  const { authority, ended, stops } = createAuthority({
    granted: { ...grant, takeover: true },
    elsewhere: { s_old: 1, s_later: 3 },
  })
  await authority.authorize(request)
  expect(ended).toEqual(['taken_over'])
  expect(stops).toMatchObject([{ sessionId: 's_old', reason: 'taken_over' }])
})

test('a publisher whose channel was taken over before it was accepted leaves no claim', async () => {
  const { authority, released, ended } = createAuthority({
    granted: { ...grant, takeover: true },
    isSuperseded: true,
  })
  await authority.authorize(request)
  expect(released).toHaveLength(1)
  expect(ended).toEqual([])
})

test.each<[string, Situation, (string | undefined)[]]>([
  ['here', { here: 'waiting' }, [undefined]],
  ['at another ingest', { waitsElsewhere: true }, ['s_elsewhere']],
])('a publisher that returns continues the session that waits %s', async (_where, situation, expected) => {
  const { authority, opened, resumed, ended, stops } = createAuthority({
    granted: { ...grant, takeover: true },
    isBusy: true,
    ...situation,
  })
  expect(await authority.authorize(request)).toHaveProperty('session')
  expect([resumed, opened, ended, stops]).toEqual([expected, [], [], []])
})

test('a publisher that sends keeps its channel', async () => {
  const { authority, resumed } = createAuthority({ here: 'publishing', isBusy: true, waitsElsewhere: true })
  expect(await authority.authorize(request)).toMatchObject({ refusal: { reason: 'channel_busy' } })
  expect(resumed).toEqual([])
})

test.each<[string, Situation]>([
  ['continues its session', { here: 'waiting' }],
  ['takes its channel over', { granted: { ...grant, takeover: true }, elsewhere: { s_old: 1 } }],
])('a publisher that %s is accepted although all transcoders are full', async (_what, situation) => {
  const { authority } = createAuthority({ ...situation, isFull: true })
  expect(await authority.authorize(request)).toHaveProperty('session')
})
