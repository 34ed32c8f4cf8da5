import { expect, test } from 'vitest'
import { untilTrue } from './until-true.ts'

const never = new AbortController().signal

test('what holds already needs no wait, also when the signal has aborted', async () => {
  expect(await untilTrue(() => true, 60_000, AbortSignal.abort())).toBe(true)
})

test('it checks again until it holds', async () => {
  let checks = 0
  expect(await untilTrue(() => ++checks === 3, 1, never)).toBe(true)
  expect(checks).toBe(3)
})

test('a signal ends the wait between two checks', async () => {
  const stop = new AbortController()
  const end = untilTrue(() => false, 60_000, stop.signal)
  stop.abort()
  expect(await end).toBe(false)
})
