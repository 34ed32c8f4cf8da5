import { afterEach, beforeEach, expect, test } from 'vitest'
import { newSessionId } from '../../core/contracts/ids.ts'
import { queuePrefix, transcodeJobId, transcodeQueue } from '../../core/contracts/transcode/transcode-job.ts'
import { createLog } from '../../core/process/log.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { createTranscodeQueue } from '../../ingest/transcode/transcode-queue.ts'
import type { SessionEnd } from '../../transcoder/session/session-dependencies.ts'
import { startTranscodeWorker } from '../../transcoder/worker.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { startSlowProxy } from '../kit/slow-proxy.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis
beforeEach(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url, 'wait')
})
afterEach(async () => {
  closeRedis(redis)
  await server.stop()
})

/**
 * Starts the worker of a transcoder with room for one session, and for another one that waits for its
 * publisher. Its runs end when the test says so, or when the worker closes. By default no other transcoder
 * works on any session.
 */
async function startWorker(url: string, isElsewhere = async () => false) {
  const connection = await connectToRedis(url, 'wait')
  const runs: { end(outcome: SessionEnd): void; wait(): void }[] = []
  const worker = startTranscodeWorker({
    redis: connection,
    concurrency: 1,
    isElsewhere,
    reserve: async () => true,
    release() {},
    run(_, { stop }, onWaiting) {
      const { promise, resolve } = Promise.withResolvers<SessionEnd>()
      stop.addEventListener('abort', () => resolve('stopped'))
      runs.push({ end: resolve, wait: () => onWaiting(true) })
      return promise
    },
    log: createLog('test', 'silent'),
  })
  return {
    runs,
    handOver: worker.handOver,
    async [Symbol.asyncDispose]() {
      await worker.close()
      closeRedis(connection)
    },
  }
}

/** Requests the transcode of a new session, as ingest does. */
async function requestTranscode() {
  const sessionId = newSessionId()
  const queue = createTranscodeQueue(redis)
  const lockKey = `${queuePrefix}:${transcodeQueue}:${transcodeJobId(sessionId, 1)}:lock`
  const lock = () => redis.get(lockKey)
  await queue.add(sessionId, 1)
  return {
    /** Whether the job waits or runs. */
    isOpen: () => queue.hasJob(sessionId, 1),
    lock,
    /** Removes the lock of the job, as an outage of Redis does that lasts longer than the lock. */
    loseLock: () => redis.del(lockKey),
    /** Waits until the lock was renewed `count` times from now on. Returns whether it had one owner. */
    async isRenewed(count: number): Promise<boolean> {
      const owner = await lock()
      const owners = new Set([owner])
      let renewals = 0
      let leftMs = Number.POSITIVE_INFINITY
      await waitFor(`${count} renewals of the lock`, async () => {
        owners.add(await lock())
        const nowLeftMs = await redis.pttl(lockKey)
        if (nowLeftMs > leftMs) renewals += 1
        leftMs = nowLeftMs
        return renewals >= count || owners.size > 1
      })
      return owner !== null && owners.size === 1
    },
  }
}

test('a job that returns while its session runs joins the run, keeps its new lock, and ends with it', async () => {
  await using worker = await startWorker(server.url)
  const job = await requestTranscode()
  await waitFor('the run', () => worker.runs.length === 1)
  for (let count = 0; count < 2; count += 1) {
    const before = await job.lock()
    await job.loseLock()
    await waitFor('another lock', async () => {
      const lock = await job.lock()
      return lock !== null && lock !== before
    })
    expect(await job.isRenewed(3)).toBe(true)
  }
  expect(worker.runs).toHaveLength(1)
  worker.runs[0]?.end('ended')
  await waitFor('the end of the job', async () => !(await job.isOpen()))
  expect(worker.runs).toHaveLength(1)
}, 40_000)

test('a job keeps its lock while Redis takes almost as long to respond as the lock lives', async () => {
  const proxy = await startSlowProxy(server.url)
  try {
    await using worker = await startWorker(proxy.url)
    const job = await requestTranscode()
    await waitFor('the run', () => worker.runs.length === 1)
    proxy.setDelay(2600)
    expect(await job.isRenewed(8)).toBe(true)
    proxy.setDelay(0)
    expect(worker.runs).toHaveLength(1)
    worker.runs[0]?.end('ended')
    await waitFor('the end of the job', async () => !(await job.isOpen()))
  } finally {
    await proxy.close()
  }
}, 40_000)

test('a session that ends while its job has no lock ends the job all the same', async () => {
  await using worker = await startWorker(server.url)
  const job = await requestTranscode()
  await waitFor('the run', () => worker.runs.length === 1)
  await job.loseLock()
  worker.runs[0]?.end('ended')
  await waitFor('the job to return', () => worker.runs.length === 2)
  worker.runs[1]?.end('gone')
  await waitFor('the end of the job', async () => !(await job.isOpen()))
}, 40_000)

test('a worker that is closed leaves a job without a lock to the next worker', async () => {
  const job = await requestTranscode()
  {
    await using worker = await startWorker(server.url)
    await waitFor('the run', () => worker.runs.length === 1)
    await job.loseLock()
  }
  await using next = await startWorker(server.url)
  await waitFor('the next run', () => next.runs.length === 1)
  next.runs[0]?.end('ended')
  await waitFor('the end of the job', async () => !(await job.isOpen()))
}, 40_000)

test('a job whose session runs in another transcoder returns to that one', async () => {
  await using first = await startWorker(server.url)
  const job = await requestTranscode()
  await waitFor('the run', () => first.runs.length === 1)
  // Another job takes the last place of the first transcoder, so it cannot get the job before the second one.
  first.runs[0]?.wait()
  await requestTranscode()
  await waitFor('the run of the other session', () => first.runs.length === 2)

  const [workerId = ''] = ((await job.lock()) ?? '').split(':')
  let visits = 0
  {
    await using second = await startWorker(server.url, async () => {
      visits += 1
      return true
    })
    await job.loseLock()
    await waitFor('the job to come and return twice', () => visits >= 3)
    expect([first.runs.length, second.runs.length]).toEqual([2, 0])
    first.runs[1]?.end('ended')
  }
  await waitFor('the job to be back', async () => (await job.lock())?.startsWith(workerId))
  expect(await job.isRenewed(3)).toBe(true)
  expect(first.runs).toHaveLength(2)
  first.runs[0]?.end('ended')
  await waitFor('the end of the job', async () => !(await job.isOpen()))
}, 40_000)

test('a worker that hands over offers its job, and runs the session until another one has it', async () => {
  await using first = await startWorker(server.url)
  const job = await requestTranscode()
  await waitFor('the run', () => first.runs.length === 1)
  let isOver = false
  const over = first.handOver(new AbortController().signal).then(() => {
    isOver = true
  })
  await using second = await startWorker(server.url)
  await waitFor('the run of the other worker', () => second.runs.length === 1)
  expect(await job.isRenewed(2)).toBe(true)
  expect([first.runs.length, isOver]).toEqual([1, false])
  first.runs[0]?.end('fenced')
  await over
  second.runs[0]?.end('ended')
  await waitFor('the end of the job', async () => !(await job.isOpen()))
}, 40_000)

test('a worker whose job no other worker takes stops to hand over when the signal aborts', async () => {
  await using worker = await startWorker(server.url)
  const job = await requestTranscode()
  await waitFor('the run', () => worker.runs.length === 1)
  const hurry = new AbortController()
  const over = worker.handOver(hurry.signal)
  await waitFor('the job to be offered', async () => (await job.lock()) === null)
  hurry.abort()
  await over
  expect(await job.isOpen()).toBe(true)
}, 40_000)
