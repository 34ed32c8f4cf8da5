import { expect, test } from 'vitest'
import { readPlaylist } from '../../../test/kit/playlist.ts'
import { SequenceCheck } from './sequence-check.ts'

/** Returns a playlist whose segments are given by the tags before each of them. */
const playlistOf = (mediaSequence: number, discontinuitySequence: number, segments: readonly string[]) =>
  readPlaylist(
    [
      '#EXTM3U',
      `#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
      ...segments.flatMap((tag, index) => [
        ...(tag === '' ? [] : [tag]),
        '#EXTINF:2,',
        `${mediaSequence + index}.m4s`,
      ]),
    ].join('\n'),
  )
const plain = ['', '', '', '']

test('numbers that rise are right, and so is a discontinuity that leaves the playlist', () => {
  const check = new SequenceCheck()
  expect(check.read(playlistOf(10, 0, ['', '#EXT-X-DISCONTINUITY', '', '']), 0)).toEqual([])
  expect(check.read(playlistOf(12, 1, plain), 1000)).toEqual([])
  expect(check.read(playlistOf(12, 1, plain), 2000)).toEqual([])
})

test('numbers that fall are found', () => {
  const check = new SequenceCheck()
  check.read(playlistOf(10, 3, plain), 0)
  expect(check.read(playlistOf(8, 2, plain), 1000)).toEqual([
    'mediaSequence back: 10 became 8',
    'discontinuitySequence back: 3 became 2',
    'last back: 13 became 11',
    'discontinuity number of segment 10: 3 became 2',
    'discontinuity number of segment 11: 3 became 2',
  ])
})

test('segments that were never listed are found, unless the playlist was not read for long', () => {
  const check = new SequenceCheck()
  check.read(playlistOf(10, 0, plain), 0)
  expect(check.read(playlistOf(16, 0, plain), 1000)).toEqual(['segments 14 to 15 were never listed'])
  expect(check.read(playlistOf(40, 0, plain), 30_000)).toEqual([])
})

test('the segment that is not complete yet may disappear', () => {
  const check = new SequenceCheck()
  const whole = playlistOf(10, 0, plain)
  const text = `${whole.text}\n#EXT-X-PART:URI="14.0.m4s",DURATION=0.3`
  check.read(readPlaylist(text), 0)
  expect(check.read(whole, 1000)).toEqual([])
})

test('a segment whose discontinuity number changes is found', () => {
  const check = new SequenceCheck()
  check.read(playlistOf(10, 0, ['', '#EXT-X-DISCONTINUITY', '', '']), 0)
  expect(check.read(playlistOf(10, 0, ['', '', '', '']), 1000)).toHaveLength(3)
})

test('segments without media are counted once', () => {
  const check = new SequenceCheck()
  check.read(playlistOf(10, 0, ['#EXT-X-GAP', '', '', '']), 0)
  check.read(playlistOf(10, 0, ['#EXT-X-GAP', '', '', '#EXT-X-GAP']), 1000)
  expect(check.gaps).toBe(2)
})
