import { expect, test } from 'vitest'
import { createStallWatch } from './stall-watch.ts'

test('input without output is a stall', () => {
  const watch = createStallWatch(5000)
  for (let now = 0; now < 5000; now += 100) watch.input(now)
  expect(watch.isStalled(4900, false)).toBe(false)
  expect(watch.isStalled(5000, false)).toBe(true)
})

test('any output ends the wait', () => {
  const watch = createStallWatch(5000)
  for (let now = 0; now < 9000; now += 100) {
    watch.input(now)
    if (now === 4000) watch.output()
  }
  expect(watch.isStalled(9000, false)).toBe(false)
  expect(watch.isStalled(9200, false)).toBe(true)
})

test('a source that sends nothing is not a stall', () => {
  const watch = createStallWatch(5000)
  watch.input(0)
  expect(watch.isStalled(60_000, false)).toBe(false)
})

test('ffmpeg that does not read its pipe hangs', () => {
  const watch = createStallWatch(5000)
  watch.input(0)
  expect(watch.isStalled(4000, true)).toBe(false)
  expect(watch.isStalled(5000, true)).toBe(true)
})
