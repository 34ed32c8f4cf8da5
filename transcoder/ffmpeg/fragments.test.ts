import { expect, test } from 'vitest'
import { fragmentOptions } from './fragments.ts'

const lengthOf = (kind: 'video' | 'audio', fps: number, partMs: number | null) => {
  const options = fragmentOptions(kind, fps, partMs)
  return Number(options[options.indexOf('-frag_duration') + 1]) / 1000
}

test.each([
  ['30 fps, parts of 10 frames', 30, 333, 5],
  ['60 fps, parts of 20 frames', 60, 333, 5],
  ['25 fps, parts of 8 frames', 25, 333, 4],
  ['30 fps, parts of 3 frames', 30, 100, 3],
  ['20 fps, parts of 7 frames', 20, 333, 7],
  ['5 fps, parts of 2 frames', 5, 333, 2],
])('%s: a fragment is a whole fraction of a part', (_, fps, partMs, frames) => {
  const frameMs = 1000 / fps
  expect(lengthOf('video', fps, partMs)).toBeGreaterThan((frames - 1) * frameMs + 1)
  expect(lengthOf('video', fps, partMs)).toBeLessThan(frames * frameMs - 1)
})

test('audio has two frames in a fragment', () => {
  expect(lengthOf('audio', 0, 333)).toBeGreaterThan(1024 / 44.1 + 1)
  expect(lengthOf('audio', 0, 333)).toBeLessThan(2 * (1024 / 48))
})
