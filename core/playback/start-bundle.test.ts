import { expect, test } from 'vitest'
import { parseMediaPath } from './media-paths.ts'
import { bytesOfFiles, parseStartIndex, writeStartBundle } from './start-bundle.ts'

test('the index names every file and its length', () => {
  const [head, ...bodies] = writeStartBundle({ rendition: '480p', backMs: 1002 }, [
    ['a', Buffer.from('one')],
    ['b', Buffer.from('')],
  ])
  expect(parseStartIndex(Buffer.from(head ?? []).toString())).toEqual({
    rendition: '480p',
    backMs: 1002,
    files: [
      ['a', 3],
      ['b', 0],
    ],
  })
  expect(Buffer.concat(bodies).toString()).toBe('one')
})

test('the length of a bundle is that of all its files', () => {
  expect(
    bytesOfFiles({
      rendition: '480p',
      backMs: 0,
      files: [
        ['a', 3],
        ['b', 0],
        ['c', 4],
      ],
    }),
  ).toBe(7)
})

test.each([
  '',
  '{',
  'null',
  '{"rendition":"a","backMs":1}',
  '{"rendition":"a","backMs":1,"files":[["x",-1]]}',
])('an invalid index: %s', (line) => {
  expect(parseStartIndex(line)).toBeUndefined()
})

test('only a few rates and distances have a path, each with one spelling', () => {
  expect(parseMediaPath('/live/demo/start-800-2.bin')).toEqual({
    kind: 'start',
    slug: 'demo',
    rate: 800,
    distance: 2,
  })
  for (const file of ['start-801-2.bin', 'start-800-3.bin', 'start-0800-2.bin', 'start-800-2.bin.x'])
    expect(parseMediaPath(`/live/demo/${file}`)).toBeUndefined()
})
