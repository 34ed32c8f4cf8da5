import { expect, test } from 'vitest'
import { formatLatency } from './format.ts'

test.each([
  [-0.2, '0.0 s'],
  [1.14, '1.1 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [135, '2 min 15 s'],
])('%d s is shown as %s', (seconds, text) => {
  expect(formatLatency(seconds)).toBe(text)
})
