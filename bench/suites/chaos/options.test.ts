import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { readChaosOptions } from './options.ts'

test('a long run waits for the longest lifetime of a record in Redis, a short one does not', () => {
  expect(readChaosOptions([]).settleSeconds).toBe(600)
  expect(readChaosOptions(['--minutes', '6']).settleSeconds).toBe(60)
  expect(readChaosOptions(['--minutes', '6', '--settle', '5']).settleSeconds).toBe(5)
})

test('events are chosen by a part of their names', () => {
  expect(readChaosOptions([]).faults).toEqual(faults)
  const chosen = readChaosOptions(['--events', 'edge']).faults.map(({ name }) => name)
  expect(chosen).toEqual(['edge killed', 'edge frozen', 'edge gets SIGTERM', 'edge cut off'])
})

test.each([
  [['--minutes', '0'], '--minutes 0 is not a positive number'],
  [['--viewers', '1.5'], '--viewers 1.5 is not a whole number'],
  [['--events', 'flood'], 'no event has flood in its name'],
])('wrong options %j are refused', (args, message) => {
  expect(() => readChaosOptions(args)).toThrow(message)
})
