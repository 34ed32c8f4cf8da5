import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAlive } from '../kit/process-table.ts'
import { buildStand } from '../kit/transcoder-stand.ts'
import { waitFor } from '../kit/wait-for.ts'

let stand: Awaited<ReturnType<typeof buildStand>>
let transcoder: Awaited<ReturnType<typeof stand.transcoder>>
beforeAll(async () => {
  stand = await buildStand()
  transcoder = await stand.transcoder()
})
afterAll(() => stand.close())

/**
 * Lets a process run for a fifth of the time, as long as it lives or until the returned function is called.
 */
function starve(pid: number): () => void {
  let beat = 0
  const signal = (name: NodeJS.Signals) => (isAlive(pid) ? process.kill(pid, name) : clearInterval(timer))
  const timer = setInterval(() => signal(beat++ % 5 === 0 ? 'SIGCONT' : 'SIGSTOP'), 100)
  return () => {
    clearInterval(timer)
    signal('SIGCONT')
  }
}

test('a session from its first frame to its end, with an ffmpeg that is killed and one that hangs', async () => {
  await using show = await stand.show({ gop: 30 })
  const live = await show.originWhere('live', ({ state }) => state === 'live')
  expect(
    live.renditions.map(({ name, passthrough, width, height }) => [name, passthrough, width, height]),
  ).toEqual([
    ['360p', true, 640, 360],
    ['240p', false, 426, 240],
    ['audio', true, null, null],
  ])

  const [victim] = transcoder.ffmpegs()
  if (victim) process.kill(victim.pid, 'SIGKILL')
  const again = await show.originWhere('at its second epoch', ({ epoch }) => epoch === 2)
  expect(again.state).toBe('live')
  await waitFor('media of the second epoch', async () =>
    (await show.playlist('240p')).segments.some(({ discontinuity }) => discontinuity),
  )
  expect(transcoder.lines.some((line) => line.includes('ffmpeg ended by SIGKILL'))).toBe(true)

  const [second] = transcoder.ffmpegs()
  if (second) process.kill(second.pid, 'SIGSTOP')
  await show.originWhere('at its third epoch', ({ epoch }) => epoch === 3)
  expect(second && isAlive(second.pid)).toBe(false)
  expect(transcoder.lines.some((line) => line.includes('ffmpeg hung'))).toBe(true)

  show.flv.finish()
  await show.flv.over
  await show.end()
  await show.originWhere('ended', ({ state }) => state === 'ended', 5000)
  const [picture, sound] = [await show.playlist('360p'), await show.playlist('audio')]
  expect([picture.ended, sound.ended]).toEqual([true, true])
  expect(picture.segments.map(({ msn }) => msn)).toEqual(sound.segments.map(({ msn }) => msn))
  await waitFor('the job to be over', async () => (await show.jobState()) === 'completed')
  expect(transcoder.ffmpegs()).toEqual([])
  const epochs = (await show.events()).flatMap((event) => (event.type === 'transcoding' ? [event.epoch] : []))
  expect(epochs).toEqual([1, 2, 3])
})

test('a GOP of 8 s with reordered frames: no media is lost when passing through gives way to encoding', async () => {
  await using show = await stand.show({ gop: 250, bFrames: 2 })
  const before = await show.originWhere('live', ({ state }) => state === 'live')
  expect(before.renditions.map(({ passthrough }) => passthrough)).toEqual([true, false, true])
  const after = await show.originWhere('at its second epoch', ({ epoch }) => epoch === 2)
  expect(after.renditions.map(({ passthrough }) => passthrough)).toEqual([false, false, true])
  const { segments } = await waitFor('two segments of the second epoch', async () => {
    const playlist = await show.playlist('240p')
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
  await using show = await stand.show({ gop: 30 })
  await show.originWhere('live', ({ state }) => state === 'live')
  show.flv.breakPulls()
  await show.originWhere('at its second epoch', ({ epoch }) => epoch === 2)
  await waitFor('the second pull', () => show.flv.requests === 2)

  await show.end()
  show.flv.breakPulls()
  await show.originWhere('ended', ({ state }) => state === 'ended', 8000)
  expect((await show.playlist('360p')).ended).toBe(true)
})

test('a transcode that falls far behind goes on with the newest media, and its lag is told', async () => {
  await using show = await stand.show({ size: '1280x720' })
  await show.originWhere('live', ({ state }) => state === 'live')
  // Those of the shows before may take a moment to go.
  const pid = await waitFor('its ffmpeg alone', () => {
    const running = transcoder.ffmpegs()
    return running.length === 1 && running[0]?.pid
  })
  const feed = starve(pid)
  // What lies in the buffers between ingest and transcoder counts too.
  await show.originWhere('told to be late', ({ health }) => health.overloaded && health.behindMs > 3000)
  await waitFor('media to be left out', async () => /left out/.test(transcoder.lines.join('\n')), {
    timeoutMs: 30_000,
  })
  feed()
  await show.originWhere(
    'near its source again',
    ({ epoch, health }) => epoch === 2 && health.behindMs < 1500,
  )
  expect((await show.playlist('720p')).segments.some(({ discontinuity }) => discontinuity)).toBe(true)
})
