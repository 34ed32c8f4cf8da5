import { expect, test } from 'vitest'
import { createOverloadControl, type OverloadStep } from './overload-control.ts'
import type { ProcessLoad } from './process-load.ts'

const limits: ProcessLoad = { delayMs: 200, busy: 0.9, egressBits: 0 }
const idle: ProcessLoad = { delayMs: 2, busy: 0.05, egressBits: 1e6 }
const over: ProcessLoad = { ...idle, delayMs: 250, busy: 0.6 }

function setUp() {
  const steps: [number, OverloadStep][] = []
  let time = 0
  const control = createOverloadControl({ limits, onStep: (step) => steps.push([time, step]) })
  /** Keeps a load for `ms`, with a sample every 250 ms. Returns the step at the end. */
  const stay = (load: ProcessLoad, ms: number) => {
    for (const end = time + ms; time < end; time += 250) control.update(load, time)
    return control.state.step
  }
  return { stay, steps, control }
}

test('overload escalates one step after the other and stays at the last', () => {
  const { stay, steps } = setUp()
  stay(over, 10_000)
  expect(steps).toEqual([
    [500, 'sparing'],
    [4500, 'relaxed'],
    [5500, 'refusing'],
  ])
})

test('a short peak is no overload, whatever its height', () => {
  const { stay } = setUp()
  for (let peak = 0; peak < 10; peak += 1) {
    expect(stay({ ...over, delayMs: 5000 }, 250)).toBe('open')
    expect(stay(idle, 250)).toBe('open')
  }
})

test('severe overload takes the first step with the second sample', () => {
  const { stay, steps } = setUp()
  stay({ ...over, delayMs: 500 }, 2000)
  expect(steps).toEqual([
    [250, 'sparing'],
    [1250, 'relaxed'],
  ])
})

test('calm steps back automatically, one step at a time, within ten seconds', () => {
  const { stay, steps } = setUp()
  stay(over, 6000)
  expect(stay(idle, 9000)).toBe('open')
  expect(steps.slice(3)).toEqual([
    [8500, 'relaxed'],
    [11_250, 'sparing'],
    [14_000, 'open'],
  ])
})

test('between calm and overload nothing changes, and calm starts again after it', () => {
  const { stay } = setUp()
  stay(over, 6000)
  const between = { ...idle, busy: 0.6 }
  expect(stay(between, 60_000)).toBe('refusing')
  stay(idle, 2500)
  stay(between, 250)
  expect(stay(idle, 2500)).toBe('refusing')
})

test('players get no parts back while the edge could not bear their requests', () => {
  const { stay } = setUp()
  stay(over, 6000)
  expect(stay({ ...idle, busy: 0.4 }, 60_000)).toBe('relaxed')
  expect(stay({ ...idle, busy: 0.2 }, 10_000)).toBe('open')
})

test('relaxed players ask in bursts, so the average decides whether they get parts back', () => {
  const { stay } = setUp()
  stay(over, 6000)
  stay({ ...idle, busy: 0.4 }, 4000)
  for (let segment = 0; segment < 10; segment += 1) {
    stay({ ...idle, busy: 0.44 }, 500)
    stay({ ...idle, busy: 0.02 }, 1500)
  }
  expect(stay(idle, 250)).toBe('open')
})

test('after newcomers were refused they are admitted gradually', () => {
  const { stay, control } = setUp()
  stay(over, 6000)
  expect(control.state.admitRatio).toBe(0)
  stay(idle, 2750)
  expect([control.state.step, control.state.admitRatio]).toEqual(['relaxed', 0.05])
  stay(idle, 2500)
  expect(control.state.admitRatio).toBeCloseTo(0.55)
  stay(idle, 3000)
  expect([control.state.step, control.state.admitRatio]).toEqual(['open', 1])
})

test('relaxed players fill an edge before it is busy all the time', () => {
  const { stay } = setUp()
  stay(over, 4750)
  expect(stay({ ...idle, busy: 0.75 }, 2000)).toBe('refusing')
})

test('an edge without parts for newcomers has room for them, as long as they stay', () => {
  const { stay } = setUp()
  stay({ ...idle, busy: 0.78 }, 1000)
  expect(stay({ ...idle, busy: 0.88 }, 60_000)).toBe('sparing')
  expect(stay({ ...idle, busy: 0.46 }, 60_000), 'with half of the limit in use').toBe('sparing')
  expect(stay({ ...idle, busy: 0.4 }, 5000)).toBe('open')
})

test('a limit of 0 is ignored', () => {
  const { stay } = setUp()
  expect(stay({ ...idle, egressBits: 1e15 }, 10_000)).toBe('open')
})
