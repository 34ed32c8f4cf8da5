import { expect, test } from 'vitest'
import type { WatchState } from '../show/watch-state.ts'
import { formatLatency, noticeOf, spokenOf } from './words.ts'

test('a notice fills the stage while there is no picture, otherwise the picture stays visible', () => {
  expect(noticeOf({ name: 'waiting', session: null })?.layout).toBe('page')
  expect(noticeOf({ name: 'recovering', trouble: 'unreachable', session: null })?.layout).toBe('page')
  expect(noticeOf({ name: 'recovering', trouble: 'lost', session: 's1' })?.layout).toBe('chip')
})

test('a moving picture has no notice, but screen readers announce it', () => {
  const playing: WatchState = { name: 'playing', session: 's1' }
  expect(noticeOf(playing)).toBeUndefined()
  expect(spokenOf(playing)).toBe('Playing live')
})

test('a notice of trouble says what happens next', () => {
  expect(spokenOf({ name: 'recovering', trouble: 'lost', session: 's1' })).toBe(
    'Connection lost. Trying again.',
  )
})

test.each([
  [-0.2, '0.0 s'],
  [1.14, '1.1 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [135, '2 min 15 s'],
])('a latency of %d s is shown as %s', (seconds, text) => {
  expect(formatLatency(seconds)).toBe(text)
})
