import { beforeAll, expect, test } from 'vitest'
import { isAlive } from '../kit/process-table.ts'
import { useTranscoderFixture } from '../kit/transcoder/transcoder-fixture.ts'
import type { TranscoderProcess } from '../kit/transcoder/transcoder-process.ts'
import { waitFor } from '../kit/wait-for.ts'

const fixture = useTranscoderFixture()
let transcoder: TranscoderProcess
beforeAll(async () => {
  transcoder = await fixture.startTranscoder()
})

test('a session from its first frame to its end, with an ffmpeg that is killed and one that hangs', async () => {
  await using session = await fixture.startSession({ gop: 30 })
  const live = await session.originWhere('live', ({ state }) => state === 'live')
  expect(
    live.renditions.map(({ name, passthrough, width, height }) => [name, passthrough, width, height]),
  ).toEqual([
    ['360p', true, 640, 360],
    ['240p', false, 426, 240],
    ['audio', true, null, null],
  ])

  const [first] = transcoder.ffmpegs()
  if (first) process.kill(first.pid, 'SIGKILL')
  const second = await waitFor('another ffmpeg', () =>
    transcoder.ffmpegs().find(({ pid }) => pid !== first?.pid),
  )
  await transcoder.line(/ffmpeg ended by SIGKILL/)

  process.kill(second.pid, 'SIGSTOP')
  await waitFor('a third ffmpeg', () => transcoder.ffmpegs().find(({ pid }) => pid !== second.pid), {
    timeoutMs: 15_000,
  })
  expect(isAlive(second.pid)).toBe(false)
  await transcoder.line(/ffmpeg hung|too late/)
  const { nextMsn } = await session.originWhere('live', ({ state }) => state === 'live')
  await session.originWhere('further', (origin) => origin.nextMsn > nextMsn)

  session.flv.finish()
  await session.flv.over
  await session.end()
  await session.originWhere('ended', ({ state }) => state === 'ended', 5000)
  const [video, audio] = [await session.playlist('360p'), await session.playlist('audio')]
  expect([video.ended, audio.ended]).toEqual([true, true])
  expect(video.segments.map(({ msn }) => msn)).toEqual(audio.segments.map(({ msn }) => msn))
  for (const { segments } of [video, audio])
    expect(segments.some(({ discontinuity, gap }) => discontinuity || gap)).toBe(false)
  // The encoded rendition continues without a discontinuity. It may have gaps.
  expect((await session.playlist('240p')).segments.some(({ discontinuity }) => discontinuity)).toBe(false)
  await waitFor('the end of the job', async () => (await session.jobState()) === 'completed')
  expect(transcoder.ffmpegs()).toEqual([])
  const epochs = (await session.events()).flatMap((event) =>
    event.type === 'transcoding' ? [event.epoch] : [],
  )
  expect(epochs).toEqual([1])
})

test('a GOP of 8 s with reordered frames: no media is lost in the change from passthrough to encoding', async () => {
  await using session = await fixture.startSession({ gop: 250, bFrames: 2 })
  const before = await session.originWhere('live', ({ state }) => state === 'live')
  expect(before.renditions.map(({ passthrough }) => passthrough)).toEqual([true, false, true])
  const after = await session.originWhere('at its second epoch', ({ epoch }) => epoch === 2)
  expect(after.renditions.map(({ passthrough }) => passthrough)).toEqual([false, false, true])
  const { segments } = await waitFor('two segments of the second epoch', async () => {
    const playlist = await session.playlist('240p')
    return playlist.segments.filter(({ uri }) => uri?.startsWith('2/')).length >= 2 && playlist
  })
  const first = segments.findIndex(({ uri }) => uri?.startsWith('2/'))
  const [last, next] = [segments[first - 1], segments[first]]
  expect(next).toMatchObject({ discontinuity: true, msn: first })
  const gapMs = (next?.programDateTime ?? 0) - (last?.programDateTime ?? 0) - (last?.duration ?? 0) * 1000
  expect(Math.abs(gapMs)).toBeLessThanOrEqual(40)
  expect(next?.duration).toBeCloseTo(2, 1)
})

test('media that breaks off is pulled again; a session that is gone is ended', async () => {
  await using session = await fixture.startSession({ gop: 30 })
  await session.originWhere('live', ({ state }) => state === 'live')
  const { nextMsn } = await session.originWhere('live with media', (origin) => origin.nextMsn > 1)
  session.flv.breakPulls()
  await waitFor('the second pull', () => session.flv.requests === 2)
  await session.originWhere('further', (origin) => origin.nextMsn > nextMsn + 1)
  const { segments } = await session.playlist('360p')
  expect(segments.some(({ discontinuity, gap }) => discontinuity || gap)).toBe(false)

  await session.end()
  session.flv.breakPulls()
  await session.originWhere('ended', ({ state }) => state === 'ended', 8000)
  expect((await session.playlist('360p')).ended).toBe(true)
})
