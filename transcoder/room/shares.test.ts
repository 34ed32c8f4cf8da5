import { expect, test } from 'vitest'
import { sumOf } from '../plan/encode-work.ts'
import { type Applicant, shareOut } from './shares.ts'

const ladder = [10, 5, 2]
const session = (sessionId: string, changes: Partial<Applicant> = {}): Applicant => ({
  sessionId,
  priority: 0,
  renditions: ladder,
  minimum: 0,
  ...changes,
})
const shares = (capacity: number, ...sessions: Applicant[]) =>
  Object.fromEntries(shareOut(capacity, sessions))

test('all sessions have their full ladders while they fit', () => {
  expect(shares(34, session('a'), session('b'))).toEqual({ a: 3, b: 3 })
  expect(shares(Number.POSITIVE_INFINITY, session('a'), session('b'))).toEqual({ a: 3, b: 3 })
})

test('the sessions of the lowest priority lose their renditions first', () => {
  const all = [session('low', { priority: -1 }), session('high', { priority: 5 }), session('usual')]
  expect(shares(34, ...all)).toEqual({ low: 0, high: 3, usual: 3 })
  expect(shares(30, ...all)).toEqual({ low: 0, high: 3, usual: 2 })
  expect(shares(17, ...all)).toEqual({ low: 0, high: 3, usual: 0 })
  expect(shares(16, ...all)).toEqual({ low: 0, high: 2, usual: 0 })
})

test('among equals the largest renditions go first, beginning with the session that came last', () => {
  const all = [session('a'), session('b'), session('c')]
  expect(shares(50, ...all)).toEqual({ a: 3, b: 3, c: 2 })
  expect(shares(31, ...all)).toEqual({ a: 3, b: 2, c: 2 })
  expect(shares(20, ...all)).toEqual({ a: 2, b: 2, c: 1 })
})

test('each session keeps its minimum, even if that does not fit', () => {
  expect(shares(1, session('passed'), session('encoded', { minimum: 1 }))).toEqual({ passed: 0, encoded: 1 })
})

test('40 sessions where 20 fit: all stay, and what they may do fits and uses the capacity', () => {
  const capacity = 20 * sumOf(ladder)
  const all = Array.from({ length: 40 }, (_, index) =>
    session(`s${index}`, { priority: index < 10 ? 1 : 0, minimum: index % 2 === 0 ? 0 : 1 }),
  )
  const counts = shareOut(capacity, all)
  expect(counts.size).toBe(40)
  const worksOf = ({ sessionId }: Applicant) => ladder.slice(ladder.length - (counts.get(sessionId) ?? 0))
  const work = sumOf(all.flatMap(worksOf))
  expect(work).toBeLessThanOrEqual(capacity)
  expect(work).toBeGreaterThan(capacity - 10)
  expect(
    all.filter(({ priority }) => priority === 1).every(({ sessionId }) => counts.get(sessionId) === 3),
  ).toBe(true)
  expect(shareOut(2 * capacity, all)).toEqual(new Map(all.map(({ sessionId }) => [sessionId, 3])))
})
