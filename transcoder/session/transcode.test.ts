import { beforeEach, expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { autoLadder, fakeRun, knownSession, videoSource } from '../../test/kit/transcoder/fake-run.ts'
import type { Mark } from '../flv/start-filter.ts'
import { planTranscode } from '../plan/plan.ts'
import { createTranscode } from './transcode.ts'
import type { TranscodeRun } from './transcode-run.ts'

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})

/** A run whose source has a GOP that is too long to follow. */
const longGopRun = (epoch: number) => fakeRun(epoch, { newestMs: 3000, longestGopMs: 3000 })

function setUp() {
  const starts: { from: Mark | null; keyframes: string; start: (run: TranscodeRun) => void }[] = []
  const published: number[] = []
  const transcode = createTranscode({
    startRun: (plan, from) => new Promise((start) => starts.push({ from, keyframes: plan.keyframes, start })),
    output: {
      publish({ epoch }) {
        published.push(epoch)
        return () => {}
      },
    },
    followed: { latest: knownSession(), missingMs: 0 },
    presentation: { mediaEndMs: () => undefined },
    health: { update() {} },
    plan: planTranscode(videoSource, { ladder: autoLadder, followsSource: true }),
    ladder: autoLadder,
    segmentMs: 2000,
    log: createLog('test', 'silent'),
  })
  return { transcode, starts, published }
}

test('a run whose plan no longer fits hands over to the next at a mark', async () => {
  const { transcode, starts, published } = setUp()
  const end = transcode.run(null)
  const [first, second] = [longGopRun(1), longGopRun(2)]
  starts[0]?.start(first.run)
  await vi.advanceTimersByTimeAsync(1000)
  expect(starts.map(({ keyframes }) => keyframes)).toEqual(['source', 'timed'])
  expect(starts[1]?.from).toMatchObject({ kind: 'time' })
  expect(first.cuts).toEqual([])

  starts[1]?.start(second.run)
  await vi.advanceTimersByTimeAsync(0)
  expect(first.cuts).toEqual([starts[1]?.from])
  expect(published).toEqual([1])
  first.end({ kind: 'cut' })
  await vi.advanceTimersByTimeAsync(0)
  expect(published).toEqual([1, 2])
  second.end({ kind: 'source_ended' })
  expect(await end).toEqual({ kind: 'source_ended' })
})

test('a run that fails before its cut stops the next one', async () => {
  const { transcode, starts, published } = setUp()
  const end = transcode.run(null)
  const [first, second] = [longGopRun(1), longGopRun(2)]
  starts[0]?.start(first.run)
  await vi.advanceTimersByTimeAsync(1000)
  starts[1]?.start(second.run)
  await vi.advanceTimersByTimeAsync(0)
  first.end({ kind: 'failed', detail: 'killed' })
  expect(await end).toEqual({ kind: 'failed', detail: 'killed' })
  expect(await second.run.ended).toEqual({ kind: 'stopped' })
  expect(published).toEqual([1])
})

test('a next run that starts after the present one has ended is stopped', async () => {
  const { transcode, starts } = setUp()
  const end = transcode.run(null)
  const [first, second] = [longGopRun(1), longGopRun(2)]
  starts[0]?.start(first.run)
  await vi.advanceTimersByTimeAsync(1000)
  first.end({ kind: 'source_ended' })
  expect(await end).toEqual({ kind: 'source_ended' })
  starts[1]?.start(second.run)
  expect(await second.run.ended).toEqual({ kind: 'stopped' })
})

test('stopping ends both runs of a handover', async () => {
  const { transcode, starts } = setUp()
  const end = transcode.run(null)
  const [first, second] = [longGopRun(1), longGopRun(2)]
  starts[0]?.start(first.run)
  await vi.advanceTimersByTimeAsync(1000)
  starts[1]?.start(second.run)
  await vi.advanceTimersByTimeAsync(0)
  transcode.stop()
  expect(await end).toEqual({ kind: 'stopped' })
  expect(await second.run.ended).toEqual({ kind: 'stopped' })
})
