import { expect, test } from 'vitest'
import { originTtlMs } from '../../core/contracts/live-registry.ts'
import { isAlive } from '../kit/process-table.ts'
import { type TestSession, useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import type { TranscoderProcess } from '../kit/transcoder/transcoder-process.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()

test('a job of a session that is gone ends at once', async () => {
  await using session = await fixture.startSession()
  await session.end()
  await using _transcoder = await fixture.startTranscoder()
  await waitFor('the end of the job', async () => (await session.jobState()) === 'completed')
  expect(session.flv.requests).toBe(0)
})

test('when a transcoder is killed, its ffmpeg ends and another transcoder continues where it was', async () => {
  await using first = await fixture.startTranscoder()
  await using session = await fixture.startSession({ gop: 30 })
  const before = await session.originWhere(
    'live with media',
    ({ state, nextMsn }) => state === 'live' && nextMsn > 0,
  )
  const ffmpegs = first.ffmpegs()
  expect(ffmpegs).toHaveLength(1)
  first.kill('SIGKILL')
  await first.exited
  await waitFor('the end of its ffmpeg', () => ffmpegs.every(({ pid }) => !isAlive(pid)))
  // The record of the dead transcoder expires. A takeover after that must still find where to continue.
  await waitFor(
    'the origin to be unlisted',
    async () => (await session.registry.origins()).every(({ sessionId }) => sessionId !== session.sessionId),
    { timeoutMs: 10_000 },
  )

  await using second = await fixture.startTranscoder()
  const after = await session.originWhere(
    'live again',
    ({ epoch, state }) => epoch > before.epoch && state === 'live',
  )
  expect(after.transcoder).not.toBe(before.transcoder)
  const playlist = await session.playlist('360p')
  const own = playlist.segments.find(({ uri, parts }) =>
    (uri ?? parts[0]?.uri)?.startsWith(`${after.epoch}/`),
  )
  expect(own?.msn).toBeGreaterThanOrEqual(before.nextMsn)
  expect(own?.discontinuity).toBe(true)

  // A transcoder that is asked to stop releases the session, so another one can take it at once.
  await using _third = await fixture.startTranscoder()
  await session.originWhere('further', ({ nextMsn }) => nextMsn > after.nextMsn + 1)
  const stoppedAt = performance.now()
  await second.stop()
  const moved = await session.originWhere(
    'moved',
    ({ epoch, state }) => epoch > after.epoch && state === 'live',
  )
  expect(performance.now() - stoppedAt, 'before its record would lapse').toBeLessThan(originTtlMs)
  expect(moved.transcoder).not.toBe(after.transcoder)
  const continued = await session.playlist('360p')
  expect(continued.ended).toBe(false)
  // All that the second transcoder had completed was stored before it left the session.
  const former = continued.segments.filter(({ uri }) => uri?.startsWith(`${after.epoch}/`))
  expect(former.filter(({ gap }) => !gap).length).toBeGreaterThan(0)
})

test('when Redis goes away and comes back empty, the session continues, and so does a killed ffmpeg', async () => {
  await using transcoder = await fixture.startTranscoder()
  await using session = await fixture.startSession({ gop: 30 })
  await session.originWhere('live', ({ state }) => state === 'live')
  const first = await waitFor('its ffmpeg', () => transcoder.ffmpegs()[0])

  await fixture.redis.restart()
  const back = await session.originWhere('registered again', ({ state }) => state === 'live')
  expect(back.epoch).toBe(1)
  expect(transcoder.ffmpegs().map(({ pid }) => pid)).toEqual([first.pid])

  process.kill(first.pid, 'SIGKILL')
  await waitFor('another ffmpeg', () => transcoder.ffmpegs().find(({ pid }) => pid !== first.pid))
  const lastUri = async () =>
    (await session.playlist('240p')).segments.findLast(({ uri, gap }) => uri && !gap)?.msn ?? 0
  const before = await lastUri()
  await waitFor('more of its media', async () => (await lastUri()) > before + 1)
})

test('a session whose job returns again and again leaves room for other sessions', async () => {
  await using transcoder = await fixture.startTranscoder({ NOWCAST_TRANSCODER_SESSIONS: '2' })
  await using session = await fixture.startSession({ gop: 30 })
  const { epoch } = await session.originWhere('live', ({ state }) => state === 'live')
  const returns = () => transcoder.lines.filter((line) => line.includes('it returns to the queue')).length
  for (let count = 1; count <= 3; count += 1)
    await waitFor(`return ${count}`, async () => {
      await session.loseLock()
      return returns() >= count
    })
  await using other = await fixture.startSession({ gop: 30 })
  await other.originWhere('live', ({ state }) => state === 'live')
  expect((await session.origin())?.epoch).toBe(epoch)
})

/**
 * Takes the lock of the job of a session away until the given transcoder, which does not run the session,
 * gets the job once more. Each time one of the transcoders that wait for a job gets it.
 */
async function untilJobIsWith(transcoder: TranscoderProcess, session: TestSession): Promise<void> {
  const visits = () =>
    transcoder.lines.filter((line) => line.includes('another transcoder works on this session')).length
  const before = visits()
  await waitFor(
    'the job to come to the other transcoder',
    async () => {
      await session.loseLock()
      return visits() > before
    },
    { timeoutMs: 60_000 },
  )
}

test('a transcoder that works keeps a session whose job another one gets, until it is killed', async () => {
  await using first = await fixture.startTranscoder()
  await using session = await fixture.startSession({ gop: 30 })
  const before = await session.originWhere('live', ({ state }) => state === 'live')
  const ffmpegs = first.ffmpegs()
  await using second = await fixture.startTranscoder()
  await untilJobIsWith(second, session)
  const { nextMsn } = await session.originWhere('live', ({ state }) => state === 'live')
  const after = await session.originWhere('further', (origin) => origin.nextMsn > nextMsn + 1)
  expect(after).toMatchObject({ epoch: before.epoch, transcoder: before.transcoder })
  expect([first.ffmpegs(), second.ffmpegs()]).toEqual([ffmpegs, []])
  const { segments, discontinuitySequence } = await session.playlist('360p')
  expect([discontinuitySequence, segments.some(({ discontinuity }) => discontinuity)]).toEqual([0, false])

  await untilJobIsWith(second, session)
  first.kill('SIGKILL')
  const moved = await session.originWhere('moved', ({ epoch }) => epoch > before.epoch)
  expect(moved.transcoder).not.toBe(before.transcoder)
  session.flv.finish()
  await session.flv.over
  await session.end()
  await waitFor('the end of the job', async () => (await session.jobState()) === 'completed')
}, 180_000)

test('a session that ends while its job is with another transcoder ends the job', async () => {
  await using _first = await fixture.startTranscoder()
  await using session = await fixture.startSession({ gop: 30 })
  await session.originWhere('live', ({ state }) => state === 'live')
  await using second = await fixture.startTranscoder()
  await untilJobIsWith(second, session)
  session.flv.finish()
  await session.flv.over
  await session.end()
  await session.originWhere('ended', ({ state }) => state === 'ended')
  await waitFor('the end of the job', async () => (await session.jobState()) === 'completed')
}, 120_000)
