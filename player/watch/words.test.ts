import { expect, test } from 'vitest'
import type { WatchState } from './watch-state.ts'
import { noticeOf, spokenOf } from './words.ts'

test('a state without a picture fills the stage; trouble with a picture leaves it visible', () => {
  expect(noticeOf({ name: 'waiting', session: null })?.form).toBe('page')
  expect(noticeOf({ name: 'recovering', trouble: 'unreachable', session: null })?.form).toBe('page')
  expect(noticeOf({ name: 'recovering', trouble: 'lost', session: 's1' })?.form).toBe('chip')
})

test('a picture that moves needs no words, but screen readers hear of it', () => {
  const playing: WatchState = { name: 'playing', session: 's1' }
  expect(noticeOf(playing)).toBeUndefined()
  expect(spokenOf(playing)).toBe('Playing live')
})

test('trouble says what is being done', () => {
  expect(spokenOf({ name: 'recovering', trouble: 'lost', session: 's1' })).toBe(
    'Connection lost. Trying again.',
  )
})
