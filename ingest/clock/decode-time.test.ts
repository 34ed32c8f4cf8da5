import { expect, test } from 'vitest'
import { DecodeTime } from './decode-time.ts'

/** Returns decode and presentation times of frames, and the sizes of the corrections, ms. */
function run(frames: readonly (readonly [time: number, compositionMs: number])[]) {
  const corrections: number[] = []
  const decodeTime = new DecodeTime((amount) => corrections.push(amount))
  const times = frames.map(([time, compositionMs]) => {
    const decodeMs = decodeTime.of(time, compositionMs)
    return [decodeMs, decodeMs + decodeTime.compositionMs] as const
  })
  return {
    decoded: times.map(([decodeMs]) => decodeMs),
    shown: times.map(([, shownMs]) => shownMs),
    corrections,
  }
}

const rises = (times: readonly number[]) => times.every((time, n) => n === 0 || time > (times[n - 1] ?? 0))

test('frames that are shown when they are decoded, or later, are left alone', () => {
  const plain = run([
    [0, 0],
    [33, 0],
    [67, 0],
  ])
  expect(plain).toEqual({ decoded: [0, 33, 67], shown: [0, 33, 67], corrections: [] })
  const reordered = run([
    [0, 67],
    [33, 167],
    [67, 67],
    [100, 0],
  ])
  expect(reordered).toEqual({ decoded: [0, 33, 67, 100], shown: [67, 200, 134, 100], corrections: [] })
})

test('negative composition times move decode times, once for each larger one', () => {
  const pattern = [0, 67, -33, -67, 0, 67, -33, -67]
  const frames = Array.from(
    { length: 80 },
    (_, n) => [1000 + Math.round(n * 33.3), pattern[n % 8] ?? 0] as const,
  )
  const { decoded, shown, corrections } = run(frames)
  expect(corrections).toEqual([33, 34])
  expect(rises(decoded)).toBe(true)
  expect(shown.slice(8)).toEqual(frames.slice(8).map(([time, compositionMs]) => time + compositionMs))
  expect(decoded.at(-1)).toBe((frames.at(-1)?.[0] ?? 0) - 67)
})

test('the first frame begins at 0, whatever its composition time', () => {
  expect(
    run([
      [0, -80],
      [33, 0],
    ]).decoded,
  ).toEqual([0, 1])
})

test('frames of one time are decoded one after another', () => {
  expect(
    run([
      [500, 0],
      [500, 0],
      [500, 0],
      [501, 0],
      [533, 0],
    ]).decoded,
  ).toEqual([500, 501, 502, 503, 533])
})

test.each([-8_388_608, -1001, 8_388_607, 5001])(
  'a composition time of %d ms is an error',
  (compositionMs) => {
    const { decoded, shown, corrections } = run([
      [0, 0],
      [33, compositionMs],
      [67, 0],
      [100, 0],
    ])
    expect(decoded).toEqual([0, 33, 67, 100])
    expect(shown[1]).toBe(compositionMs < 0 ? 33 : 5033)
    expect(shown.slice(2)).toEqual([67, 100])
    expect(corrections).toEqual([compositionMs])
  },
)

test('slow frames may be reordered too', () => {
  const { shown, corrections } = run([
    [0, 20_000],
    [10_000, 30_000],
    [20_000, 10_000],
  ])
  expect(shown.slice(1)).toEqual([40_000, 30_000])
  expect(corrections).toHaveLength(1)
})

test('no composition time exceeds its field', () => {
  const decodeTime = new DecodeTime()
  decodeTime.of(0, 0)
  decodeTime.of(3_600_000, 8_388_607)
  expect(decodeTime.compositionMs).toBe(8_388_607)
})
