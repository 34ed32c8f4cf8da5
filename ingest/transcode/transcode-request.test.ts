import { expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { liveOrigin } from '../../test/kit/edge/live-origin.ts'
import { createTranscodeRequest } from './transcode-request.ts'

/** Creates the request for one session, with a clock, a queue and a registry that the test controls. */
function createWorld() {
  const world = {
    now: 0,
    ageMs: undefined as number | undefined,
    added: [] as number[],
    jobs: new Set<number>(),
    isAway: false,
    lost: [] as string[],
    passed: [] as number[],
  }
  const request = createTranscodeRequest({
    sessionId: 's_1',
    registry: {
      async originAgeMs() {
        if (world.isAway) throw new Error('away')
        return world.ageMs
      },
      origin: async () => liveOrigin({ sessionId: 's_1', transcoder: 'i_first' }),
      async noteLost(_, transcoder) {
        world.lost.push(transcoder)
      },
    },
    queue: {
      async add(_, attempt) {
        world.added.push(attempt)
        world.jobs.add(attempt)
      },
      hasJob: async (_, attempt) => world.jobs.has(attempt),
      async passOn(_, attempt) {
        world.passed.push(attempt)
        return true
      },
    },
    log: createLog('test', 'silent'),
    now: () => world.now,
  })
  return {
    world,
    request,
    /** Checks every 1.5 s, as heartbeats do. */
    async pass(ms: number) {
      for (const until = world.now + ms; world.now < until; world.now += 1500) await request.check()
    },
  }
}

test('a session is requested once while its job waits or runs', async () => {
  const { world, request, pass } = createWorld()
  await pass(3000)
  expect(world.added).toEqual([])
  request.start()
  request.start()
  await pass(60_000)
  expect(request.missingMs).toBeGreaterThan(30_000)
  world.ageMs = 1000
  await pass(60_000)
  expect(world.added).toEqual([1])
  expect(request.missingMs).toBe(0)
})

test('a session without a job is requested again within 6 s', async () => {
  const { world, request, pass } = createWorld()
  request.start()
  world.jobs.clear()
  await pass(6001)
  expect(world.added).toEqual([1, 2])
  world.jobs.clear()
  await pass(60_000)
  expect(world.added).toEqual([1, 2, 3])
})

test('a job that is lost while a transcoder works is requested when that transcoder dies', async () => {
  const { world, request, pass } = createWorld()
  request.start()
  world.jobs.clear()
  world.ageMs = 1500
  await pass(60_000)
  expect(world.added).toEqual([1])
  world.ageMs = 3200
  await pass(3000)
  expect(world.added).toEqual([1, 2])
})

test('a transcoder that had no time to write since Redis is back keeps its session', async () => {
  const { world, request, pass } = createWorld()
  request.start()
  world.ageMs = 1000
  await pass(3000)
  world.jobs.clear()
  world.ageMs = undefined
  await pass(3000)
  world.ageMs = 0
  await pass(30_000)
  expect(world.added).toEqual([1])
})

test('nothing is requested while Redis is away', async () => {
  const { world, request } = createWorld()
  request.start()
  world.jobs.clear()
  world.isAway = true
  for (world.now = 0; world.now < 60_000; world.now += 1500)
    await expect(request.check()).rejects.toThrow('away')
  expect(world.added).toEqual([1])
})

test('a job is passed on when its transcoder no longer reads the session', async () => {
  const { world, request } = createWorld()
  await request.passOn()
  expect(world.passed, 'not before it was requested').toEqual([])
  request.start()
  await request.passOn()
  expect([world.passed, world.lost]).toEqual([[1], ['i_first']])
})

test('a job is passed on once when two looks find the origin stale, and again after it was written', async () => {
  const { world, request } = createWorld()
  const look = async (ageMs: number | undefined) => {
    world.ageMs = ageMs
    await request.look()
  }
  request.start()
  for (const ageMs of [100, 2500, 100, 2500, undefined, 2500]) await look(ageMs)
  expect(world.passed).toEqual([])
  for (const ageMs of [2750, 3000, 3250]) await look(ageMs)
  expect(world.passed).toEqual([1])
  for (const ageMs of [10, 2500, 2750]) await look(ageMs)
  expect(world.passed).toEqual([1, 1])
})

test('nothing is passed on while Redis is away', async () => {
  const { world, request } = createWorld()
  request.start()
  world.ageMs = 2500
  world.isAway = true
  for (let looks = 0; looks < 4; looks += 1) await request.look()
  expect(world.passed).toEqual([])
})
