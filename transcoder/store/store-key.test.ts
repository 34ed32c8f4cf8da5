import { expect, test } from 'vitest'
import { epochOf, indexKey, parseKey, segmentKey } from './store-key.ts'

const sessionId = 's_AAAAAAAAAAAAAAAAAAAAAA'

test('a key is the session and a file, and says of which epoch a segment is', () => {
  const segment = segmentKey(sessionId, { rendition: '1080p-hevc', epoch: 1001, msn: 0 })
  const index = indexKey(sessionId, 'i_ab-_9')
  expect([segment, index]).toEqual([`${sessionId}/1080p-hevc.1001.0.m4s`, `${sessionId}/index.i_ab-_9.json`])
  expect([segment, index].map(parseKey)).toEqual([segment, index])
  expect([epochOf(segment), epochOf(index)]).toEqual([1001, undefined])
})

test.each<[string, { sessionId?: string; rendition?: string; epoch?: number; msn?: number }]>([
  ['another session', { sessionId: '../../etc' }],
  ['a folder', { rendition: '..' }],
  ['a slash', { rendition: 'a/b' }],
  ['a dot', { rendition: 'a.b' }],
  ['nothing', { rendition: '' }],
  ['a fraction', { msn: 1.5 }],
  ['a negative number', { epoch: -1 }],
  ['no number', { msn: Number.NaN }],
])('%s is in no key', (_, { sessionId: id = sessionId, ...place }) => {
  expect(() => segmentKey(id, { rendition: '720p', epoch: 1, msn: 1, ...place })).toThrow('cannot be a key')
  expect(() => indexKey(sessionId, 'a/../b')).toThrow('cannot be a key')
})

test.each([
  '',
  sessionId,
  `${sessionId}/`,
  `${sessionId}/../x`,
  `${sessionId}/a/b.1.1.m4s`,
  `${sessionId}/x.m4s`,
])('%s is no key', (text) => {
  expect(parseKey(text)).toBeUndefined()
})
