import { expect, test } from 'vitest'
import { signalOf } from '../../test/kit/coach/healthy-signal.ts'
import type { StoredIssue } from '../store/signal-history.ts'
import { pastIssues, pastIssueView, pastVerdict, sampleViews } from './health-view.ts'

const late: StoredIssue = { code: 'uplink_behind', severity: 'error', measured: 3000, wanted: 0 }
const jitter: StoredIssue = { code: 'jitter_high', severity: 'info', measured: 120, wanted: 50 }
const start = Date.parse('2026-05-01T10:00:00.000Z')
const stepAt = (index: number, ...issues: StoredIssue[]) => ({ at: start + index * 10_000, issues })

test('an issue is summed up over the session with its worst figures, the worst issue first', () => {
  const found = [
    stepAt(2, jitter),
    stepAt(3, { ...jitter, severity: 'warning', measured: 400 }),
    stepAt(4, late),
    stepAt(9, jitter),
  ]
  const issues = pastIssues(found)
  expect(issues.map(({ code, steps }) => [code, steps])).toEqual([
    ['uplink_behind', 1],
    ['jitter_high', 3],
  ])
  expect(pastIssueView(issues[1] ?? never(), 'en')).toEqual({
    code: 'jitter_high',
    severity: 'warning',
    since: '2026-05-01T10:00:20.000Z',
    until: '2026-05-01T10:01:40.000Z',
    seconds: 30,
    measured: 400,
    wanted: 50,
    unit: 'ms',
    problem: 'Data arrives unevenly, with 400 ms of jitter instead of 50 ms or less.',
    effect: expect.any(String),
    fix: expect.any(String),
  })
})

test('a short issue does not change the verdict on a long show', () => {
  const issues = pastIssues([stepAt(4, late), ...[5, 6, 7].map((index) => stepAt(index, jitter))])
  expect(pastVerdict(issues, 50)).toBe('poor')
  expect(pastVerdict(issues, 51)).toBe('good')
  expect(pastVerdict([], 10)).toBe('good')
  expect(pastVerdict([], 0)).toBe('none')
})

test('a sample shows the newest keyframe distance, and lateness within its publish', () => {
  const samples = signalOf(6, (second) => ({
    publish: second < 3 ? 1 : 2,
    driftMs: [40, 10, 500, 7000, 7100, 7020][second] ?? 0,
    gops: second === 1 || second === 4 ? [[2000 + second, 2000]] : [],
  }))
  const views = sampleViews(samples)
  expect(views.map(({ lateMs }) => lateMs)).toEqual([30, 0, 490, 0, 100, 20])
  expect(views.map(({ gopMs }) => gopMs)).toEqual([null, 2001, 2001, null, 2004, 2004])
})

function never(): never {
  throw new Error('the issue is missing')
}
