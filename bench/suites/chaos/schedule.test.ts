import { expect, test } from 'vitest'
import { type EventKind, planEvents, restMs } from './schedule.ts'

const kinds: EventKind[] = ['killed', 'frozen', 'cut off', 'away'].map((name, index) => ({
  name,
  targets: ['a', 'b'],
  lengthMs: [index * 1000, index * 20_000],
  backMs: 3000,
}))
const halfHour = 1_800_000

test('the same seed has the same events, another seed has others', () => {
  expect(planEvents(kinds, 7, halfHour)).toEqual(planEvents(kinds, 7, halfHour))
  expect(planEvents(kinds, 7, halfHour)).not.toEqual(planEvents(kinds, 8, halfHour))
})

test('events are one at a time, with a rest after each', () => {
  const events = planEvents(kinds, 3, halfHour)
  expect(events.length).toBeGreaterThan(30)
  for (const [index, { startMs, lengthMs, kind }] of events.entries()) {
    const next = events[index + 1]?.startMs ?? halfHour
    expect(next - (startMs + lengthMs + kind.backMs)).toBeGreaterThanOrEqual(restMs)
    expect(next - startMs).toBeGreaterThanOrEqual(20_000)
  }
})

test('a kind comes again only after all others', () => {
  const names = planEvents(kinds, 5, halfHour).map(({ kind }) => kind.name)
  for (let from = 0; from + 4 <= names.length; from += 4)
    expect(new Set(names.slice(from, from + 4)).size).toBe(4)
})

test('lengths and targets are within their bounds', () => {
  for (const { kind, target, lengthMs } of planEvents(kinds, 11, halfHour)) {
    expect(kind.targets[target]).toBeDefined()
    expect(lengthMs).toBeGreaterThanOrEqual(kind.lengthMs[0])
    expect(lengthMs).toBeLessThanOrEqual(kind.lengthMs[1])
  }
})

test('a run that is too short for an event has none', () => {
  expect(planEvents(kinds, 1, 20_000)).toEqual([])
  expect(planEvents([], 1, halfHour)).toEqual([])
})
