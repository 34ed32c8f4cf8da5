import { expect, test } from 'vitest'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { TranscoderOffer } from '../../core/contracts/transcode/transcoder-offers.ts'
import { liveSession, source } from '../../test/kit/manager/live-data.ts'
import { parseLadder } from '../plan/ladder.ts'
import { createPlacement, isBetterElsewhere, leaveMs } from './placement.ts'
import { createRoom, growAfterMs } from './room.ts'

/** Work of the full ladder of `source`, megapixels/s, and the number of its encoded renditions. */
const [fullWork, fullCount] = [((854 * 480 + 640 * 360 + 426 * 240) * 30) / 1e6, 3]

function offer(instance: string, wanted: number, changes: Partial<TranscoderOffer> = {}): TranscoderOffer {
  const works = [{ priority: 0, work: wanted }]
  return { instance, capacity: 100, wanted: works, sessions: 1, maxSessions: 8, ...changes }
}

const session = { work: 20, priority: 0 }

test('a session that fits is taken, wherever there is more room', () => {
  expect(isBetterElsewhere(session, offer('own', 80), [offer('other', 0)])).toBe(false)
})

test('a session that does not fit is left to a transcoder with more room', () => {
  const own = offer('own', 90)
  expect(isBetterElsewhere(session, own, [offer('other', 80)])).toBe(true)
  expect(isBetterElsewhere(session, own, [offer('other', 85)])).toBe(true)
  expect(isBetterElsewhere(session, own, [offer('other', 500, { capacity: null })])).toBe(true)
  expect(isBetterElsewhere(session, own, [offer('other', 90), offer('own', 0)])).toBe(false)
  expect(isBetterElsewhere(session, own, [offer('other', 0, { sessions: 8 })])).toBe(false)
})

test('where nothing fits, a session goes where those of its priority want least', () => {
  const important = { work: 20, priority: 1 }
  const rivals = [
    { priority: 0, work: 10 },
    { priority: 1, work: 90 },
  ]
  const own = offer('own', 0, { wanted: rivals })
  expect(isBetterElsewhere(important, own, [offer('other', 150)])).toBe(true)
  expect(isBetterElsewhere(session, own, [offer('other', 150)])).toBe(false)
  expect(isBetterElsewhere(important, offer('own', 150), [own])).toBe(false)
})

/** Creates transcoders with room for `places` full ladders each, and a time that they share. */
function createFleet(count: number, places: number) {
  const clock = { now: 0 }
  const now = () => clock.now
  const sessions = new Map<string, LiveSession>()
  const transcoders = Array.from({ length: count }, (_, index) => {
    const capacity = places * fullWork
    const room = createRoom({ capacity, now })
    const own = () => ({ ...offer(`t${index}`, 0), capacity, wanted: room.wanted(), maxSessions: 100 })
    const placement = createPlacement({
      ...{ room, own, now, ladder: parseLadder('auto'), segmentMs: 2000 },
      offers: async () => transcoders.map((each) => each.own()),
      session: async (sessionId) => sessions.get(sessionId),
    })
    return { room, own, placement, held: new Set<string>() }
  })
  function announce(priority: number): string {
    const record = liveSession({ source, priority })
    sessions.set(record.sessionId, record)
    return record.sessionId
  }
  return {
    transcoders,
    wait: (ms: number) => (clock.now += ms),
    announce,
    /** Adds a session, which the transcoders see in turn until one takes it. */
    async add(priority: number): Promise<string> {
      const sessionId = announce(priority)
      const first = sessions.size % count
      for (const transcoder of [...transcoders.slice(first), ...transcoders.slice(0, first)])
        if (await transcoder.placement.reserve(sessionId)) {
          transcoder.held.add(sessionId)
          return sessionId
        }
      throw new Error('no transcoder takes the session')
    },
    countOf(sessionId: string): number {
      const holder = transcoders.find(({ held }) => held.has(sessionId))
      if (holder === undefined) throw new Error('no transcoder has the session')
      return holder.room.allowanceOf(sessionId).count
    },
    end(sessionId: string): void {
      for (const { room, held } of transcoders) if (held.delete(sessionId)) room.leave(sessionId)
    },
  }
}

test('40 sessions where 20 fit: ladders shrink by priority, and come back with the room', async () => {
  const fleet = createFleet(4, 5)
  const usual: string[] = []
  for (let index = 0; index < 20; index += 1) usual.push(await fleet.add(0))
  expect(fleet.transcoders.map(({ held }) => held.size)).toEqual([5, 5, 5, 5])
  expect(usual.map(fleet.countOf)).toEqual(usual.map(() => fullCount))

  const important: string[] = []
  for (let index = 0; index < 20; index += 1) important.push(await fleet.add(1))
  expect(fleet.transcoders.map(({ held }) => held.size)).toEqual([10, 10, 10, 10])
  expect(important.map(fleet.countOf)).toEqual(important.map(() => fullCount))
  expect(usual.map(fleet.countOf)).toEqual(usual.map(() => 0))

  for (const sessionId of important) fleet.end(sessionId)
  fleet.wait(growAfterMs)
  expect(usual.map(fleet.countOf)).toEqual(usual.map(() => fullCount))
})

test('a session that no transcoder with more room takes is taken all the same', async () => {
  const fleet = createFleet(2, 1)
  await fleet.add(0)
  const full = fleet.transcoders.find(({ held }) => held.size > 0)
  const sessionId = fleet.announce(0)
  for (let passed = 0; passed < leaveMs; passed += 1000) {
    expect(await full?.placement.reserve(sessionId)).toBe(false)
    fleet.wait(1000)
  }
  expect(await full?.placement.reserve(sessionId)).toBe(true)
})

test('two jobs that arrive together do not get the same room', async () => {
  const fleet = createFleet(2, 1)
  const [first] = fleet.transcoders
  const jobs = [fleet.announce(0), fleet.announce(0)]
  expect(await Promise.all(jobs.map((job) => first?.placement.reserve(job)))).toEqual([true, false])
})
