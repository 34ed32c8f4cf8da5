import { expect, test } from 'vitest'
import { createLookahead } from './lookahead.ts'

/** Requests that are made ahead, with a way to end each one. */
function record() {
  const asked: string[] = []
  const dropped: string[] = []
  const ends = new Map<string, () => void>()
  const lookahead = createLookahead({
    request: (url, mayBeHeld) => void asked.push(mayBeHeld ? `${url} held` : url),
    settled: (url) => new Promise<void>((resolve) => ends.set(url, resolve)),
    drop: (url) => void dropped.push(url),
  })
  async function end(url: string) {
    ends.get(url)?.()
    await Promise.resolve()
  }
  return { lookahead, asked, dropped, end }
}
/** A piece has 1 Mbit; the link has 0.5 Mbit on the way, so two pieces keep it busy. */
const offer = (pieces: string, hint?: string) => ({
  pieces: pieces.split(' '),
  hint,
  pieceBits: 1_000_000,
  inFlightBits: 500_000,
})

test('requests in order what follows the piece that the player loads, as much as keeps the link busy', async () => {
  const { lookahead, asked, end } = record()
  lookahead.update(offer('a b c d', 'e'))
  expect(asked).toEqual([])
  lookahead.loading('a')
  expect(asked).toEqual(['b'])
  lookahead.loaded('a')
  expect(asked).toEqual(['b', 'c'])
  lookahead.loading('b')
  await end('b')
  expect(asked).toEqual(['b', 'c', 'd'])
  await end('c')
  expect(asked).toEqual(['b', 'c', 'd', 'e held'])
})

test('at the live edge the announced part is requested with each playlist', async () => {
  const { lookahead, asked, end } = record()
  lookahead.loading('a')
  lookahead.loaded('a')
  lookahead.update(offer('a', 'b'))
  await end('b')
  lookahead.update(offer('a b', 'c'))
  expect(asked).toEqual(['b held', 'c held'])
})

test('where a piece takes far longer than the round trip, one at a time is on the way', async () => {
  const { lookahead, asked, end } = record()
  lookahead.loading('a')
  lookahead.update({ ...offer('a b c'), inFlightBits: 100_000 })
  expect(asked).toEqual([])
  lookahead.loaded('a')
  expect(asked).toEqual(['b'])
  await end('b')
  expect(asked).toEqual(['b', 'c'])
})

test('a long link has more pieces on the way, up to four', () => {
  const { lookahead, asked } = record()
  lookahead.loading('a')
  lookahead.update({ ...offer('a b c d e f'), inFlightBits: 50_000_000 })
  expect(asked).toEqual(['b', 'c', 'd'])
})

test('after a change of the rendition, requests for the former one are aborted', () => {
  const { lookahead, asked, dropped } = record()
  lookahead.loading('a')
  lookahead.update(offer('a b c'))
  lookahead.clear()
  lookahead.loaded('a')
  expect(dropped).toEqual(['b'])
  lookahead.update(offer('A B C'))
  expect(asked).toEqual(['b'])
  lookahead.loading('A')
  expect(asked).toEqual(['b', 'B'])
})
