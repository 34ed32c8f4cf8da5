import { expect, test } from 'vitest'
import { review } from '../../core/coach/review.ts'
import type { SignalSample } from '../../core/coach/signal/signal-sample.ts'
import { newSessionId } from '../../core/contracts/ids.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLog } from '../../core/process/log.ts'
import { healthyFacts, healthySource, signalOf } from '../../test/kit/coach/healthy-signal.ts'
import { liveSession } from '../../test/kit/manager/live-data.ts'
import type { SignalStep } from '../store/signal-history.ts'
import { createRecording, stepsOf } from './signal-recorder.ts'

const jittery = (second: number) => (second >= 20 ? { jitterMs: 350 } : {})

test('a step has the means and the worst of its seconds, and its issues once', () => {
  const steps = stepsOf('s_one', review(signalOf(45, jittery), healthyFacts), true)
  // The samples begin one second after a step does.
  expect(steps.map(({ at }) => at % 60_000)).toEqual([0, 10_000, 20_000, 30_000, 40_000])
  expect(steps[0]?.sample.at).toBe(steps[0]?.at)
  expect(steps[1]?.sample.video).toBeCloseTo(6_000_000, -6)
  expect(steps[3]?.sample.jitterMs).toBe(350)
  expect(steps.map(({ issues }) => issues.map(({ code, severity }) => `${code} ${severity}`))).toEqual([
    [],
    [],
    [],
    ['jitter_high warning'],
    ['jitter_high warning'],
  ])
})

test('the newest step waits until it is complete, or the session is over', () => {
  const moments = review(signalOf(15), healthyFacts)
  expect(stepsOf('s_one', moments, false)).toHaveLength(1)
  expect(stepsOf('s_one', moments, true)).toHaveLength(2)
})

/** Returns a recording of one session with its samples, and what it has written. */
function recordingOf(written: SignalStep[]) {
  const session = liveSession({ sessionId: newSessionId(), source: healthySource })
  const sessions = new Map<string, LiveSession>([[session.sessionId, session]])
  const none = new Map()
  const live = {
    problem: undefined as string | undefined,
    snapshot: { sessions, byChannel: none, origins: none, viewers: none, experience: none },
  }
  const all: SignalSample[] = []
  const dependencies = {
    log: createLog('test', 'silent'),
    live,
    signals: { newest: async (_: string, count = 600) => all.slice(-count) },
    history: {
      newest: async () => written.at(-1)?.at,
      add: async (steps: readonly SignalStep[]) => void written.push(...steps),
    },
  }
  // The clock is that of the samples.
  const record = createRecording(dependencies, () => all.length * 1000)
  return { record, all, live, sessions }
}

test('each step is written once, the last one when the session is over', async () => {
  const written: SignalStep[] = []
  const { record, all, live, sessions } = recordingOf(written)
  const signal = signalOf(400)
  all.push(...signal.slice(0, 305))
  await record()
  expect(written).toHaveLength(30)
  await record()
  expect(written).toHaveLength(30)
  all.push(...signal.slice(305, 309))
  await record()
  expect(written).toHaveLength(30)
  all.push(...signal.slice(309, 325))
  await record()
  expect(written).toHaveLength(32)
  live.problem = 'redis is away'
  sessions.clear()
  await record()
  expect(written).toHaveLength(32)
  live.problem = undefined
  await record()
  expect(written).toHaveLength(33)
  expect(new Set(written.map(({ at }) => at)).size).toBe(33)
})

test('a manager that starts writes what is missing', async () => {
  const written: SignalStep[] = []
  const first = recordingOf(written)
  first.all.push(...signalOf(100))
  await first.record()
  const second = recordingOf(written)
  second.all.push(...signalOf(300))
  await second.record()
  expect(written.map(({ at }) => at)).toEqual(
    Array.from({ length: 30 }, (_, index) => Date.parse('2026-05-01T10:00:00.000Z') + index * 10_000),
  )
})
