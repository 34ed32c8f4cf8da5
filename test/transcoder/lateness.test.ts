import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAlive } from '../harness/process-table.ts'
import { waitFor } from '../harness/wait-for.ts'
import { buildStand } from './stand.ts'

let stand: Awaited<ReturnType<typeof buildStand>>
let transcoder: Awaited<ReturnType<typeof stand.transcoder>>
beforeAll(async () => {
  stand = await buildStand()
  transcoder = await stand.transcoder()
})
afterAll(() => stand.close())

/** Lets a process run for a fifth of the time, as long as it lives or until the returned function is called. */
function starve(pid: number): () => void {
  let beat = 0
  const signal = (name: NodeJS.Signals) => (isAlive(pid) ? process.kill(pid, name) : clearInterval(timer))
  const timer = setInterval(() => signal(beat++ % 5 === 0 ? 'SIGCONT' : 'SIGSTOP'), 100)
  return () => {
    clearInterval(timer)
    signal('SIGCONT')
  }
}

test('a transcode that falls far behind goes on with the newest media, and its lag is told', async () => {
  await using show = await stand.show({ size: '1280x720' })
  await show.originWhere('live', ({ state }) => state === 'live')
  const [ffmpeg] = transcoder.ffmpegs()
  if (ffmpeg === undefined) throw new Error('no ffmpeg')
  const feed = starve(ffmpeg.pid)
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
