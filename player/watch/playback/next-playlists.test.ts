import { expect, test, vi } from 'vitest'
import type { Body, PendingBody } from '../network/requests.ts'
import { createNextPlaylists, nextVersion } from './next-playlists.ts'

const level = 'http://edge.test/live/demo/s_1/240p.m3u8'
const head = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1
#EXT-X-MEDIA-SEQUENCE:4
`
const segments = `#EXTINF:2,
1/240p/4.m4s
#EXT-X-PART:DURATION=1,URI="5.0.m4s"
#EXT-X-PART:DURATION=1,URI="5.1.m4s"
#EXTINF:2,
1/240p/5.m4s
`

test('the next version has the number of the next whole segment and is a delta update', () => {
  expect(nextVersion(head + segments, level)).toBe(`${level}?_HLS_msn=6&_HLS_skip=YES`)
  const withHint = `${head}${segments}#EXT-X-PRELOAD-HINT:TYPE=PART,URI="6.0.m4s"\n`
  expect(nextVersion(withHint, `${level}?_HLS_msn=5&_HLS_skip=YES`)).toBe(`${level}?_HLS_msn=6&_HLS_skip=YES`)
})

test('a delta update counts the segments that it skips', () => {
  const delta = `${head}#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n${segments}`
  expect(nextVersion(delta, level)).toBe(`${level}?_HLS_msn=9&_HLS_skip=YES`)
})

test('no delta update is asked of a server that has none, and other parameters stay', () => {
  const plain = (head + segments).replace('CAN-SKIP-UNTIL=12,', '')
  expect(nextVersion(plain, `${level}?key=a&_HLS_msn=5&_HLS_part=3`)).toBe(`${level}?key=a&_HLS_msn=6`)
})

test.each([
  ['lists parts of the next segment', `${head}${segments}#EXT-X-PART:DURATION=1,URI="6.0.m4s"\n`],
  ['is complete', `${head}${segments}#EXT-X-ENDLIST\n`],
  ['is of a server that holds no reloads', (head + segments).replace('CAN-BLOCK-RELOAD=YES,', '')],
])('nothing is requested ahead when the playlist %s', (_, playlist) => {
  expect(nextVersion(playlist, level)).toBeUndefined()
})

function setUp() {
  const requests: { url: string; pending: PendingBody & { abort: ReturnType<typeof vi.fn> } }[] = []
  const nexts = createNextPlaylists((url) => {
    const pending = { body: new Promise<Body>(() => {}), abort: vi.fn() }
    requests.push({ url, pending })
    return pending
  })
  return { nexts, requests }
}
const bodyOf = (playlist: string): Promise<Body> =>
  Promise.resolve({
    data: new TextEncoder().encode(playlist).buffer,
    age: undefined,
    firstByteAt: 0,
    completedAt: 0,
  })

test('the next version is requested at once and handed over once', async () => {
  const { nexts, requests } = setUp()
  await nexts.follow('level', level, bodyOf(head + segments))
  const url = `${level}?_HLS_msn=6&_HLS_skip=YES`
  expect(requests.map((each) => each.url)).toEqual([url])
  expect(nexts.take('level', url)).toBe(requests[0]?.pending)
  expect(nexts.take('level', url)).toBeUndefined()
  expect(requests[0]?.pending.abort).not.toHaveBeenCalled()
})

test('a request for another version ends the one made ahead, but not that of the sound', async () => {
  const { nexts, requests } = setUp()
  const audio = 'http://edge.test/live/demo/s_1/audio.m3u8'
  await nexts.follow('level', level, bodyOf(head + segments))
  await nexts.follow('audioTrack', audio, bodyOf(head + segments))
  expect(nexts.take('level', `${level}?_HLS_msn=7&_HLS_skip=YES`)).toBeUndefined()
  expect(requests.map(({ pending }) => pending.abort.mock.calls.length)).toEqual([1, 0])
  expect(nexts.take('audioTrack', `${audio}?_HLS_msn=6&_HLS_skip=YES`)).toBe(requests[1]?.pending)
})

test('a playlist that arrives after another was requested is not followed', async () => {
  const { nexts, requests } = setUp()
  const late = Promise.withResolvers<Body>()
  const following = nexts.follow('level', level, late.promise)
  await nexts.follow('level', level.replace('240p', '720p'), bodyOf(head + segments))
  late.resolve(await bodyOf(head + segments))
  await following
  expect(requests.map((each) => new URL(each.url).pathname)).toEqual(['/live/demo/s_1/720p.m3u8'])
})

test('a playlist that arrives after parts are loaded again is not followed', async () => {
  const { nexts, requests } = setUp()
  const late = Promise.withResolvers<Body>()
  const following = nexts.follow('level', level, late.promise)
  nexts.drop('level')
  late.resolve(await bodyOf(head + segments))
  await following
  expect(requests).toEqual([])
})

test('a body is too old some seconds after its request', async () => {
  const { nexts, requests } = setUp()
  await nexts.follow('level', level, bodyOf(head + segments))
  const now = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(now + 9000)
  expect(nexts.take('level', requests[0]?.url ?? '')).toBeUndefined()
  vi.restoreAllMocks()
})

test('after the end, nothing is open and nothing is requested any more', async () => {
  const { nexts, requests } = setUp()
  await nexts.follow('level', level, bodyOf(head + segments))
  const late = Promise.withResolvers<Body>()
  const following = nexts.follow('audioTrack', level, late.promise)
  nexts.clear()
  late.resolve(await bodyOf(head + segments))
  await following
  expect(requests.map(({ pending }) => pending.abort.mock.calls.length)).toEqual([1])
})
