import { expect, test } from 'vitest'
import { type AdmissionStep, createAdmission } from './overload-control.ts'
import type { Load } from './process-load.ts'

const limits: Load = { delayMs: 200, busy: 0.9, egressBits: 0 }
const idle: Load = { delayMs: 2, busy: 0.05, egressBits: 1e6 }
const over: Load = { ...idle, delayMs: 250, busy: 0.6 }

function setUp() {
  const steps: [number, AdmissionStep][] = []
  let time = 0
  const admission = createAdmission({ limits, onStep: (step) => steps.push([time, step]) })
  /** The same load for so long, a sample each 250 ms. */
  const stay = (load: Load, ms: number) => {
    for (const end = time + ms; time < end; time += 250) admission.take(load, time)
    return admission.step
  }
  return { stay, steps, admission }
}

test('overload goes up one step after the other and stays at the last', () => {
  const { stay, steps } = setUp()
  stay(over, 5000)
  expect(steps).toEqual([
    [500, 'relaxed'],
    [1500, 'refusing'],
  ])
})

test('a short peak is none, however high', () => {
  const { stay } = setUp()
  for (let peak = 0; peak < 10; peak += 1) {
    expect(stay({ ...over, delayMs: 5000 }, 250)).toBe('open')
    expect(stay(idle, 250)).toBe('open')
  }
})

test('when it is far too much, the first step is taken at the second look', () => {
  const { stay, steps } = setUp()
  stay({ ...over, delayMs: 500 }, 2000)
  expect(steps).toEqual([
    [250, 'relaxed'],
    [1250, 'refusing'],
  ])
})

test('calm goes back by itself, a step at a time, within ten seconds', () => {
  const { stay, steps } = setUp()
  stay(over, 2000)
  expect(stay(idle, 8000)).toBe('open')
  expect(steps.slice(2)).toEqual([
    [4500, 'relaxed'],
    [7250, 'open'],
  ])
})

test('between calm and overload nothing moves, and calm begins anew after it', () => {
  const { stay } = setUp()
  stay(over, 2000)
  const between = { ...idle, busy: 0.6 }
  expect(stay(between, 60_000)).toBe('refusing')
  stay(idle, 2500)
  stay(between, 250)
  expect(stay(idle, 2500)).toBe('refusing')
})

test('players get no parts back while the edge could not bear what they would ask', () => {
  const { stay } = setUp()
  stay(over, 2000)
  expect(stay({ ...idle, busy: 0.4 }, 60_000)).toBe('relaxed')
  expect(stay({ ...idle, busy: 0.2 }, 10_000)).toBe('open')
})

test('what relaxed players ask for comes in bursts: their mean says whether they get parts back', () => {
  const { stay } = setUp()
  stay(over, 2000)
  stay({ ...idle, busy: 0.4 }, 4000)
  for (let segment = 0; segment < 10; segment += 1) {
    stay({ ...idle, busy: 0.45 }, 500)
    stay({ ...idle, busy: 0.02 }, 1500)
  }
  expect(stay(idle, 250)).toBe('open')
})

test('after newcomers were refused the door opens little by little', () => {
  const { stay, admission } = setUp()
  stay(over, 2000)
  expect(admission.letsIn).toBe(0)
  stay(idle, 2750)
  expect([admission.step, admission.letsIn]).toEqual(['relaxed', 0.05])
  stay(idle, 2500)
  expect(admission.letsIn).toBeCloseTo(0.55)
  stay(idle, 2500)
  expect([admission.step, admission.letsIn]).toEqual(['open', 1])
})

test('relaxed players fill an edge before it is busy all the time', () => {
  const { stay } = setUp()
  stay(over, 750)
  expect(stay({ ...idle, busy: 0.75 }, 2000)).toBe('refusing')
})

test('a limit of 0 is none', () => {
  const { stay } = setUp()
  expect(stay({ ...idle, egressBits: 1e15 }, 10_000)).toBe('open')
})
