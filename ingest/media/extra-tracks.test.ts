import { expect, test } from 'vitest'
import { ExtraTracks } from './extra-tracks.ts'

function tracks() {
  let changes = 0
  const extra = new ExtraTracks('audio', () => changes++)
  return {
    extra,
    changes: () => changes,
    isShown: (track: number) => extra.isShown({ track, fourCc: 'mp4a' }),
  }
}

test('the first track is shown, and the others are named', () => {
  const { extra, changes, isShown } = tracks()
  expect([0, 1, 0, 2, 1].map(isShown)).toEqual([true, false, true, false, false])
  expect(extra.ignored).toEqual(['audio track 1 (mp4a)', 'audio track 2 (mp4a)'])
  expect(changes()).toBe(0)
})

test('a publisher may number its only track', () => {
  const { extra, isShown } = tracks()
  expect([3, 3].map(isShown)).toEqual([true, true])
  expect(extra.ignored).toEqual([])
})

test('a track with a lower number replaces the one that came first', () => {
  const { extra, changes, isShown } = tracks()
  expect([1, 0, 1, 0].map(isShown)).toEqual([true, true, false, true])
  expect(extra.ignored).toEqual(['audio track 1 (mp4a)'])
  expect(changes()).toBe(1)
})

test('at most eight tracks are remembered, without control characters', () => {
  const extra = new ExtraTracks('video', () => {})
  for (let track = 0; track < 255; track++) extra.isShown({ track, fourCc: '\n\u0000av' })
  expect(extra.ignored).toHaveLength(8)
  expect(extra.ignored[0]).toBe('video track 1 (??av)')
})
