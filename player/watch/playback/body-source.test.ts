import { expect, test } from 'vitest'
import { createPrefetch } from '../head-start/prefetch.ts'
import { createAhead } from '../network/ahead.ts'
import { createBodySource } from './body-source.ts'

const url = 'http://edge.test/live/demo/index.m3u8'
const playlist = 'http://edge.test/live/demo/s_1/240p.m3u8'

/** Creates a source with a head start that has requested the version `_HLS_msn=31` of the playlist. */
function setUp(usesParts: boolean) {
  const prefetch = createPrefetch('viewer', () => Promise.resolve(new Response('prefetched')))
  prefetch.request(`${playlist}?_HLS_msn=31`)
  const source = createBodySource({
    url,
    playlist: '#EXTM3U',
    headStart: { take: prefetch.take } as never,
    ahead: createAhead(
      (target) => target,
      () => false,
    ),
    adaptation: {} as never,
    cmcd: {} as never,
    toUrl: (target) => target,
    usesParts: () => usesParts,
    slackMs: () => 0,
  })
  return async (target: string) => {
    const body = await source.prefetched(target)
    return body && new TextDecoder().decode(body.data)
  }
}

// hls.js always names a part of a playlist that has parts. Where segments are loaded, the page leaves it out.
test('where segments are loaded, hls.js finds the playlist of the head start although it names a part', async () => {
  const take = setUp(false)
  const reload = `${playlist}?_HLS_msn=31&_HLS_part=5&_HLS_skip=YES`
  expect(await take(`${playlist}?_HLS_msn=30&_HLS_part=5`)).toBeUndefined()
  expect(await take(reload)).toBe('prefetched')
  expect(await take(reload)).toBeUndefined()
})

test('where parts are loaded, a whole segment is another version', async () => {
  expect(await setUp(true)(`${playlist}?_HLS_msn=31&_HLS_part=5`)).toBeUndefined()
})

test('the multivariant playlist is not requested again', async () => {
  expect(await setUp(true)(url)).toBe('#EXTM3U')
})
