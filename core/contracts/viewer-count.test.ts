import { expect, test } from 'vitest'
import { mergeViewerCounts, viewerCountOf } from './viewer-count.ts'

/** Returns ids that are spread evenly over 32 bits, as real ones are. Samples are chosen by the low bits. */
const idsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => Math.imul(from + n + 1, 0x9e3779b1) >>> 0)
const edge = (from: number, to: number) => viewerCountOf(idsOf(from, to), to - from)

test('viewers of several edges add up', () => {
  expect(mergeViewerCounts([])).toBe(0)
  expect(mergeViewerCounts([edge(0, 700)])).toBe(700)
  expect(mergeViewerCounts([edge(0, 700), edge(700, 1000)])).toBe(1000)
  expect(mergeViewerCounts([edge(0, 30_000), edge(30_000, 50_000)])).toBe(50_000)
})

test('a viewer who moved to another edge counts once: exactly up to 2000 viewers, approximately beyond', () => {
  expect(mergeViewerCounts([edge(0, 1000), edge(0, 1000)])).toBe(1000)
  expect(mergeViewerCounts([edge(0, 1000), edge(400, 1200), edge(1100, 1300)])).toBe(1300)
  const many = mergeViewerCounts([edge(0, 20_000), edge(10_000, 30_000)])
  expect(Math.abs(many - 30_000) / 30_000).toBeLessThan(0.05)
})

test('a report stays small', () => {
  expect(edge(0, 2000).ids).toHaveLength(2000)
  expect(edge(0, 100_000).ids.length).toBeLessThan(4000)
  expect(viewerCountOf(idsOf(0, 1000), 1_000_000).ids.length).toBeLessThan(50)
})
