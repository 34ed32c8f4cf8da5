import { expect, test } from 'vitest'
import { type ChoiceSample, createRenditionChoice, highestFitting } from './rendition-choice.ts'

const levels = [300_000, 800_000, 1_600_000, 4_500_000].map((peak) => ({ peak, average: peak * 0.9 }))
const link = (bits: number) => ({ fast: bits, slow: bits, safe: bits })
const sample = (changes: Partial<ChoiceSample>): ChoiceSample => ({
  atMs: 0,
  levels,
  current: 1,
  max: 3,
  estimate: link(2_000_000),
  mode: 'parts',
  isLate: false,
  bufferSeconds: 1,
  targetSeconds: 1,
  ...changes,
})
/** Returns a choice whose first sample was 60 s before `atMs: 0`, so that changes up wait for steady room. */
function settled(changes: Partial<ChoiceSample> = {}) {
  const choice = createRenditionChoice()
  choice.choose(sample({ atMs: -60_000, ...changes }))
  return choice
}

test.each([
  [100_000, 0],
  [1_200_000, 1],
  [2_300_000, 2],
  [20_000_000, 3],
])('with %i bits/s it begins with rendition %i', (bits, level) => {
  expect(highestFitting(levels, link(bits), 'parts')).toBe(level)
})

test('where segments are loaded a rise needs more room', () => {
  const rise = (mode: 'parts' | 'segments', bits: number) =>
    createRenditionChoice().choose(sample({ mode, estimate: link(bits) })).level
  expect([rise('parts', 2_000_000), rise('segments', 2_000_000)]).toEqual([2, 1])
  expect(rise('segments', 3_500_000)).toBe(2)
})

test('at the start it rises at once', () => {
  const choice = createRenditionChoice()
  expect(choice.choose(sample({ estimate: link(20_000_000) }))).toEqual({ level: 3, why: 'room above' })
})

test('later it rises when there was room for a while', () => {
  const choice = settled({ estimate: link(1_500_000) })
  const wide = { estimate: link(20_000_000) }
  expect(choice.choose(sample({ atMs: 0, ...wide })).level).toBe(1)
  expect(choice.choose(sample({ atMs: 400, ...wide })).level).toBe(1)
  expect(choice.choose(sample({ atMs: 600, ...wide })).level).toBe(3)
})

test('it does not rise with a short buffer, nor beyond the size of the picture', () => {
  const choice = createRenditionChoice()
  const wide = { estimate: link(20_000_000) }
  expect(choice.choose(sample({ ...wide, bufferSeconds: 0.2 }))).toMatchObject({ level: 1 })
  expect(choice.choose(sample({ ...wide, max: 2 })).level).toBe(2)
  expect(choice.choose(sample({ current: 3, max: 2 })).level).toBe(2)
})

test('it falls to what the link can carry, before the buffer is empty', () => {
  const slow = { current: 3, estimate: link(1_300_000) }
  const choice = settled({ estimate: slow.estimate })
  expect(choice.choose(sample({ ...slow, bufferSeconds: 0.8 }))).toEqual({ level: 1, why: 'link too slow' })
})

test('a bitrate near that of the link falls only when the buffer runs out', () => {
  const tight = { current: 2, estimate: link(1_800_000) }
  expect(settled().choose(sample({ ...tight, bufferSeconds: 1 })).level).toBe(2)
  expect(settled().choose(sample({ ...tight, bufferSeconds: 0.2 }))).toEqual({
    level: 1,
    why: 'buffer runs out',
  })
})

test('while the link gets slower it waits for one sample, and then falls below what the link carries', () => {
  const choice = settled()
  const top = { current: 3, bufferSeconds: 0.8 }
  choice.choose(sample({ ...top, estimate: link(9_000_000) }))
  expect(choice.choose(sample({ ...top, estimate: link(4_000_000) }))).toEqual({
    level: 3,
    why: 'link gets slower',
  })
  expect(choice.choose(sample({ ...top, estimate: link(2_500_000) }))).toEqual({
    level: 1,
    why: 'link too slow',
  })
})

test('the first rendition has to fit with a reserve, later ones need less', () => {
  const tight = { current: 2, estimate: link(1_650_000) }
  expect(createRenditionChoice().choose(sample(tight))).toEqual({ level: 1, why: 'link too slow' })
  expect(settled().choose(sample(tight))).toEqual({ level: 2, why: 'fits' })
})

test('media that would come too late does not wait for the link to settle', () => {
  const choice = settled()
  choice.choose(sample({ current: 3, estimate: link(9_000_000) }))
  expect(choice.choose(sample({ current: 3, estimate: link(1_200_000), isLate: true })).level).toBe(1)
})

test('a buffer that runs out does not wait for the link to settle', () => {
  const choice = settled()
  const top = { current: 3, bufferSeconds: 0.2 }
  choice.choose(sample({ ...top, estimate: link(9_000_000) }))
  expect(choice.choose(sample({ ...top, estimate: link(1_200_000) })).level).toBe(1)
})

test('a change down that is not made yet counts once', () => {
  const choice = settled({ current: 0 })
  choice.rose(0)
  for (let atMs = 0; atMs < 2000; atMs += 200)
    choice.choose(sample({ atMs, current: 3, estimate: link(500_000) }))
  const rises = (atMs: number) =>
    choice.choose(sample({ atMs, current: 0, estimate: link(20_000_000) })).level > 0
  expect(rises(2200)).toBe(false)
  expect(rises(8600)).toBe(true)
})

test('a rise that was taken back makes the next one wait longer', () => {
  const choice = settled()
  const wide = { estimate: link(20_000_000) }
  /** Returns the time from a change down to the next change up, ms. */
  const waitFrom = (fallAt: number) => {
    for (const atMs of [fallAt, fallAt]) choice.choose(sample({ atMs, current: 3, estimate: link(500_000) }))
    let atMs = fallAt
    while (choice.choose(sample({ atMs, current: 0, ...wide })).level === 0) atMs += 100
    choice.rose(atMs)
    return atMs - fallAt
  }
  const first = waitFrom(0)
  expect(first).toBeGreaterThanOrEqual(4000)
  const second = waitFrom(first + 1000)
  expect(second).toBeGreaterThan(1.5 * first)
  const third = waitFrom(first + second + 60_000)
  expect(third).toBe(first)
})

test('a link that is hardly too slow is no reason for a change while the buffer lasts', () => {
  const slow = { current: 2, estimate: link(1_400_000), bufferSeconds: 1 }
  const choice = settled(slow)
  expect(choice.choose(sample(slow))).toEqual({ level: 2, why: 'buffer lasts' })
  expect(choice.choose(sample({ ...slow, atMs: 3000, bufferSeconds: 0.5 })).why).toBe('link too slow')
  expect(settled(slow).choose(sample({ ...slow, estimate: link(1_200_000) })).why).toBe('link too slow')
  expect(settled(slow).choose(sample({ ...slow, isLate: true })).why).toBe('link too slow')
})

test('after a change up that was wrong it rises less far', () => {
  const wide = { estimate: link(20_000_000) }
  const narrow = { current: 3, estimate: link(1_300_000), bufferSeconds: 0.8 }
  const choice = settled(wide)
  choice.rose(0)
  choice.choose(sample({ ...narrow, atMs: 4000 }))
  expect(choice.choose(sample({ ...narrow, atMs: 4500 })).level).toBe(1)
  choice.choose(sample({ ...wide, atMs: 12_000 }))
  expect(choice.choose(sample({ ...wide, atMs: 13_000 })).level).toBe(2)
  choice.choose(sample({ ...wide, atMs: 40_000 }))
  expect(choice.choose(sample({ ...wide, atMs: 41_000 })).level).toBe(3)
})

test('parts of a low rendition do not show all that the link carries, so a rise from it needs less room', () => {
  const tight = { estimate: link(1_700_000) }
  expect(createRenditionChoice().choose(sample({ ...tight, current: 1 })).level).toBe(2)
  const near = { estimate: link(1_600_000) }
  expect(createRenditionChoice().choose(sample({ ...near, current: 1 })).level).toBe(2)
  expect(createRenditionChoice().choose(sample({ estimate: link(1_400_000), current: 1 })).level).toBe(1)
})
