import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SignalSample } from '../../core/coach/signal/signal-sample.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import type { Measures } from './signal-meter.ts'
import { reportSignals } from './signal-reports.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Returns a session that counts in `frames` how often it was measured. */
function measuredLife(at = 'publishing', publish = 2) {
  let taken = 0
  const measure = () => ({ frames: ++taken }) as Measures
  return { at, session: { measure }, record: { current: liveSession({ publish }) } }
}

test('one sample of each publishing session is written per second', async () => {
  const written: [string, SignalSample][] = []
  const [life, waiting] = [measuredLife(), measuredLife('waiting')]
  const append = async (id: string, sample: SignalSample) => void written.push([id, sample])
  const reports = reportSignals(() => [life, waiting], { append })
  await vi.advanceTimersByTimeAsync(3000)
  expect(written.map(([id, { publish, frames }]) => [id, publish, frames])).toEqual(
    [1, 2, 3].map((frames) => [life.record.current.sessionId, 2, frames]),
  )
  reports.close()
  await vi.advanceTimersByTimeAsync(3000)
  expect(written).toHaveLength(3)
})

test('while Redis is away or slow, samples are lost and each is of one second', async () => {
  const asked: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const append = async (_: string, { frames }: SignalSample) => {
    asked.push(frames)
    if (frames === 1) throw new Error('redis is away')
    if (frames === 2) await promise
  }
  const life = measuredLife()
  const reports = reportSignals(() => [life], { append })
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toEqual([1, 2])
  resolve()
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toEqual([1, 2, 6])
  reports.close()
})
