import { afterAll, beforeAll, expect, test } from 'vitest'
import { originTtlMs } from '../../core/contracts/live-registry.ts'
import { isAlive } from '../kit/process-table.ts'
import { buildStand } from '../kit/transcoder-stand.ts'
import { waitFor } from '../kit/wait-for.ts'

let stand: Awaited<ReturnType<typeof buildStand>>
beforeAll(async () => {
  stand = await buildStand()
})
afterAll(() => stand.close())

test('a job of a session that is gone ends at once', async () => {
  await using show = await stand.show()
  await show.end()
  const transcoder = await stand.transcoder()
  await waitFor('the job to be over', async () => (await show.jobState()) === 'completed')
  expect(show.flv.requests).toBe(0)
  await transcoder.stop()
})

test('a transcoder that is killed: its ffmpeg ends, another goes on where it was', async () => {
  const transcoder = await stand.transcoder()
  await using show = await stand.show({ gop: 30 })
  const before = await show.originWhere(
    'live with media',
    ({ state, nextMsn }) => state === 'live' && nextMsn > 0,
  )
  const ffmpegs = transcoder.ffmpegs()
  expect(ffmpegs).toHaveLength(1)
  transcoder.kill('SIGKILL')
  await transcoder.exited
  await waitFor('the end of its ffmpeg', () => ffmpegs.every(({ pid }) => !isAlive(pid)))
  // Whoever comes late finds the place all the same.
  await waitFor(
    'the origin to be listed no more',
    async () => (await show.registry.origins()).every(({ sessionId }) => sessionId !== show.sessionId),
    { timeoutMs: 10_000 },
  )

  const startedAt = performance.now()
  const second = await stand.transcoder()
  const after = await show.originWhere('live again', ({ epoch, state }) => epoch === 2 && state === 'live')
  const tookMs = performance.now() - startedAt
  expect(tookMs).toBeLessThan(8000)
  expect(after.transcoder).not.toBe(before.transcoder)
  const playlist = await show.playlist('360p')
  expect(playlist.mediaSequence).toBeGreaterThanOrEqual(before.nextMsn)
  expect(playlist.discontinuitySequence + Number(playlist.segments[0]?.discontinuity)).toBeGreaterThan(0)

  // Asked to stop, it gives the session back at once.
  const third = await stand.transcoder()
  const askedAt = performance.now()
  await second.stop()
  const moved = await show.originWhere('moved', ({ epoch, state }) => epoch === 3 && state === 'live')
  expect(performance.now() - askedAt, 'before its record would lapse').toBeLessThan(originTtlMs)
  expect(moved.transcoder).not.toBe(after.transcoder)
  expect((await show.playlist('360p')).ended).toBe(false)
  await third.stop()
})

test('a Redis that goes away and comes back empty: the show goes on, and its next epoch too', async () => {
  const transcoder = await stand.transcoder()
  await using show = await stand.show({ gop: 30 })
  await show.originWhere('live', ({ state }) => state === 'live')
  const [first] = transcoder.ffmpegs()
  if (first) process.kill(first.pid, 'SIGKILL')
  await show.originWhere('at its second epoch', ({ epoch, state }) => epoch === 2 && state === 'live')
  const [second] = transcoder.ffmpegs()

  await stand.redis.restart()
  const back = await show.originWhere('told again', ({ state }) => state === 'live')
  expect(back.epoch).toBe(2)
  expect(transcoder.ffmpegs().map(({ pid }) => pid)).toEqual([second?.pid])

  if (second) process.kill(second.pid, 'SIGKILL')
  await show.originWhere('at its third epoch', ({ epoch }) => epoch === 3)
  await waitFor('media of the third epoch', async () =>
    (await show.playlist('240p')).segments.some(({ map }) => map?.startsWith('3/')),
  )
  await transcoder.stop()
})
