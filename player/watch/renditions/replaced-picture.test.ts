import type { FragBufferedData } from 'hls.js'
import { expect, test } from 'vitest'
import { createReplacedPicture } from './replaced-picture.ts'

/** Records the seeks of a player whose segment 7 plays from second 14 to 16. */
function watch(position: number) {
  const seeks: number[] = []
  const video = {
    get currentTime() {
      return position
    },
    set currentTime(to: number) {
      seeks.push(to)
    },
  }
  const picture = createReplacedPicture()
  const buffered = (sn: number, part: number, type = 'main') => {
    const start = 2 * sn
    const frag = { type, sn, start, end: start + 2 }
    const data = { frag, part: { start: start + part / 2, end: start + (part + 1) / 2 } }
    picture.noteBuffered(video, data as unknown as FragBufferedData)
  }
  return { picture, seeks, buffered }
}

test('the picture is decoded again when the replaced media has reached the playhead, once', () => {
  const { picture, seeks, buffered } = watch(14.7)
  picture.expect(7)
  buffered(7, 0)
  buffered(7, 1, 'audio')
  expect(seeks).toEqual([])
  buffered(7, 1)
  buffered(7, 2)
  expect(seeks).toEqual([14.7])
})

test('media that is replaced before it plays needs no seek', () => {
  const { picture, seeks, buffered } = watch(13.5)
  picture.expect(7)
  for (const part of [0, 1, 2, 3]) buffered(7, part)
  expect(seeks).toEqual([])
})

test('media of another segment, and media without a change, need no seek', () => {
  const { picture, seeks, buffered } = watch(16.2)
  buffered(8, 0)
  picture.expect(7)
  buffered(8, 0)
  buffered(8, 1)
  expect(seeks).toEqual([])
})
