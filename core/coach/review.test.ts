import { describe, expect, test } from 'vitest'
import { beganAt, healthyFacts, keyframesEach, signalOf } from '../../test/kit/coach/healthy-signal.ts'
import type { IssueCode } from './issues/issue.ts'
import { review } from './review.ts'
import type { SignalSample } from './signal/signal-sample.ts'

type Change = Partial<SignalSample> | ((second: number) => Partial<SignalSample>)

const from = (start: number, change: Partial<SignalSample>) => (second: number) =>
  second >= start ? change : {}

test('20 minutes of a healthy stream have no issue', () => {
  for (const latency of ['low', 'standard'] as const) {
    const moments = review(signalOf(1200), { ...healthyFacts, latency })
    expect(moments.flatMap(({ issues }) => issues)).toEqual([])
  }
})

describe('an issue', () => {
  /** Returns the seconds in which the issue is present, as `first-last` of each row. */
  function rowsOf(code: IssueCode, change: Change, seconds = 100) {
    const present = review(signalOf(seconds, change), healthyFacts).map(({ issues }) =>
      issues.some((issue) => issue.code === code),
    )
    const rows: string[] = []
    let first = -1
    for (const [second, isPresent] of [...present, false].entries()) {
      if (isPresent && first < 0) first = second
      if (!isPresent && first >= 0) {
        rows.push(`${first}-${second - 1}`)
        first = -1
      }
    }
    return rows
  }

  test('begins when it has lasted, and ends when it has been absent for its time', () => {
    const late = (second: number) => ({ jitterMs: second >= 20 && second < 50 ? 200 : 10 })
    expect(rowsOf('jitter_high', late)).toEqual(['30-69'])
  })

  test('survives a short pause, and does not come from short peaks', () => {
    const pause = (second: number) => ({ jitterMs: second >= 20 && second % 30 !== 0 ? 200 : 10 })
    expect(rowsOf('jitter_high', pause)).toEqual(['41-99'])
    const peaks = (second: number) => ({ jitterMs: second % 11 === 0 ? 10 : 200 })
    expect(rowsOf('jitter_high', peaks)).toEqual([])
  })

  test('has the time at which it began, the newest figures, and the severity that has lasted', () => {
    const rising = (second: number) => ({ jitterMs: second < 20 ? 10 : second < 60 ? 150 : 400 })
    const at = (second: number) => review(signalOf(second + 1, rising), healthyFacts).at(-1)?.issues[0]
    const since = beganAt + 20_000
    expect(at(40)).toEqual({ code: 'jitter_high', severity: 'info', since, measured: 150, wanted: 50 })
    expect(at(65)).toMatchObject({ severity: 'info', since, measured: 400 })
    expect(at(70)).toMatchObject({ severity: 'warning', since, measured: 400 })
  })

  test('does not outlive its publish', () => {
    const change = (second: number) =>
      second < 60 ? { jitterMs: 400 } : { publish: 2, driftMs: 4000, fps: 30, frames: 30 }
    expect(rowsOf('jitter_high', change)).toEqual(['10-59'])
    expect(rowsOf('uplink_behind', change)).toEqual([])
    expect(rowsOf('frame_rate_low', change, 200)).toEqual([])
  })
})

test('keyframe and rate rules are held back while frames are missing', () => {
  const long = keyframesEach(6000)
  const change = (second: number) => ({ ...long(second), missing: second >= 5 && second < 60 ? 12 : 0 })
  const codesAt = (second: number) =>
    review(signalOf(second + 1, change), healthyFacts)
      .at(-1)
      ?.issues.map(({ code }) => code)
  expect(codesAt(58)).toEqual(['frames_missing'])
  expect(codesAt(170)).toContain('keyframe_interval_long')
})

test('a symptom is not shown beside its cause', () => {
  const behind = from(60, { driftMs: 4000, jitterMs: 500 })
  const stalling = { count: 40, stallRatio: 0.3, lowThroughput: null }
  const facts = { ...healthyFacts, viewers: stalling }
  const codes = (seconds: number) =>
    review(signalOf(seconds, behind), facts)
      .at(-1)
      ?.issues.map(({ code }) => code)
  expect(codes(50)).toEqual(['viewers_stalling'])
  expect(codes(75)).toEqual(['uplink_behind'])
})

test('a cut of the uplink is found within 5 s', () => {
  const cut = (second: number) =>
    second < 60
      ? {}
      : { frames: 0, audioPackets: 0, gapMs: (second - 59) * 1000, driftMs: (second - 59) * 1000 }
  const found = (seconds: number) => review(signalOf(seconds, cut), healthyFacts).at(-1)?.issues[0]
  expect(found(60 + 1)).toMatchObject({ code: 'starved', severity: 'warning' })
  expect(found(60 + 3)).toMatchObject({ code: 'starved', severity: 'error' })
})
