import { expect, test } from 'vitest'
import { newSessionId } from '../../core/contracts/ids.ts'
import type { SignalStep, StoredIssue } from '../../manager/store/signal-history.ts'
import type { Store } from '../../manager/store/store.ts'
import { signalOf } from '../kit/coach/healthy-signal.ts'

const start = Date.parse('2026-05-01T10:00:00.000Z')
const issue: StoredIssue = { code: 'jitter_high', severity: 'info', measured: 140, wanted: 50 }

/** Returns steps of a session, from `start` on; each third one has an issue. */
function stepsOf(sessionId: string, count: number): SignalStep[] {
  return signalOf(count).map((sample, index) => {
    const at = start + index * 10_000
    return { sessionId, at, sample: { ...sample, at }, issues: index % 3 === 0 ? [issue] : [] }
  })
}

/** Tests of the history of signals that every database must pass. */
export function signalStoreSuite(newStore: () => Promise<Store>) {
  test('keeps the steps of a session once, also when two managers add them', async () => {
    const { signals } = await newStore()
    const id = newSessionId()
    expect(await signals.newest(id)).toBeUndefined()
    const steps = stepsOf(id, 250)
    await Promise.all([signals.add(steps), signals.add(steps.slice(0, 120))])
    await signals.add(stepsOf(newSessionId(), 3))
    expect(await signals.newest(id)).toBe(start + 2_490_000)
    const { everyMs, samples } = await signals.samples(id, 2_500_000)
    expect(everyMs).toBe(10_000)
    expect(samples).toEqual(steps.map(({ sample }) => sample))
    const { steps: count, found } = await signals.issues(id)
    expect([count, found.length]).toEqual([250, 84])
    expect(found[1]).toEqual({ at: start + 30_000, issues: [issue] })
  })

  test('shows a long session in longer steps', async () => {
    const { signals } = await newStore()
    const id = newSessionId()
    await signals.add(stepsOf(id, 1200))
    const { everyMs, samples } = await signals.samples(id, 12_000_000)
    expect(everyMs).toBe(30_000)
    expect(samples).toHaveLength(400)
    expect(samples.every(({ at }) => at % 30_000 === 0)).toBe(true)
  })

  test('removes old steps in batches, and keeps the newer ones', async () => {
    const { signals } = await newStore()
    const [one, other] = [newSessionId(), newSessionId()]
    await signals.add([...stepsOf(one, 10), ...stepsOf(other, 10)])
    const until = start + 50_000
    expect(await signals.removeBefore(until, 6)).toBe(6)
    expect(await signals.removeBefore(until, 100)).toBe(4)
    expect(await signals.removeBefore(until, 100)).toBe(0)
    const left = await signals.samples(one, 100_000)
    expect(left.samples.map(({ at }) => at)).toEqual([5, 6, 7, 8, 9].map((index) => start + index * 10_000))
  })
}
