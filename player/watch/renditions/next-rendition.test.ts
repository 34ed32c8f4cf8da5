import { afterEach, expect, test, vi } from 'vitest'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { createAhead } from '../network/ahead.ts'
import { prepareRendition, type SampleMedia, siblingUrl } from './next-rendition.ts'

afterEach(() => void vi.unstubAllGlobals())

const folder = 'http://edge.example/live/show/s_1/'
const playlistUrl = `${folder}720p.m3u8`
const playlist = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="1/720p/init.mp4"
#EXTINF:2,
1/720p/7.m4s
#EXT-X-PART:DURATION=0.5,URI="1/720p/8.0.m4s",INDEPENDENT=YES
`

/** Prepares a rendition at an edge with `files` by URL, and records the requests. Other URLs get a 404. */
function prepared(files: Record<string, string>, known?: SampleMedia) {
  const asked: { url: string; signal: AbortSignal }[] = []
  vi.stubGlobal('fetch', async (url: string, { signal }: { signal: AbortSignal }) => {
    asked.push({ url, signal })
    const { origin, pathname } = new URL(url)
    const found = files[`${origin}${pathname}`]
    return found === undefined ? new Response('', { status: 404 }) : new Response(found)
  })
  const ahead = createAhead(
    (url) => url,
    () => false,
  )
  const addQuery = (url: string) => `${url}${url.includes('?') ? '&' : '?'}v=1`
  const rendition = prepareRendition(playlistUrl, addQuery, ahead, known)
  return { rendition, ahead, asked, urls: () => asked.map(({ url }) => url.replace(folder, '')) }
}

const files = {
  [playlistUrl]: playlist,
  [`${folder}1/720p/init.mp4`]: 'init',
  [`${folder}1/720p/9.0.m4s`]: 'part',
}

test('a rendition is ready when its playlist and its init segment have arrived', async () => {
  const { rendition, urls } = prepared(files)
  expect(rendition.isReady).toBe(false)
  await waitFor('the rendition', async () => rendition.isReady)
  expect(urls()).toEqual(['720p.m3u8?v=1', '1/720p/init.mp4'])
})

test('with known media a rendition is ready at once, and the boundary is the first to need its playlist', () => {
  const known = { init: `${folder}1/720p/init.mp4`, media: `${folder}1/720p/8.2.m4s` }
  const { rendition, urls } = prepared(files, known)
  expect(rendition.isReady).toBe(true)
  rendition.cross(9, true)
  expect(urls()).toEqual(['1/720p/init.mp4', '720p.m3u8?_HLS_msn=9&_HLS_part=0&v=1', '1/720p/9.0.m4s'])
})

test.each([
  ['a playlist that is not there', {}],
  ['a playlist without media', { [playlistUrl]: '#EXTM3U\n#EXT-X-TARGETDURATION:2\n' }],
  ['an init segment that is not there', { [playlistUrl]: playlist }],
])('%s makes it fail, not wait', async (_what, some) => {
  const { rendition } = prepared(some)
  await waitFor('the failure', async () => rendition.hasFailed)
  expect(rendition.isReady).toBe(false)
})

test('at the boundary the next playlist and the first part of the segment are requested, once', async () => {
  const { rendition, ahead, urls } = prepared(files)
  await waitFor('the rendition', async () => rendition.isReady)
  rendition.cross(9, true)
  rendition.cross(9, true)
  expect(urls().slice(2)).toEqual(['720p.m3u8?_HLS_msn=9&_HLS_part=0&v=1', '1/720p/9.0.m4s'])
  expect(await ahead.take(`${folder}1/720p/9.0.m4s`)?.body).toBeDefined()
  expect(rendition.takePlaylist()).toBeDefined()
  expect(rendition.takePlaylist()).toBeUndefined()
})

test('whole segments are crossed to with a playlist alone', async () => {
  const { rendition, urls } = prepared(files)
  await waitFor('the rendition', async () => rendition.isReady)
  rendition.cross(9, false)
  expect(urls().slice(2)).toEqual(['720p.m3u8?_HLS_msn=9&v=1'])
})

test('close aborts what is on its way', async () => {
  const { rendition, asked } = prepared(files)
  await waitFor('the rendition', async () => rendition.isReady)
  rendition.cross(9, false)
  rendition.close()
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false, true])
})

test('the same media in another rendition has the folder of its playlist', () => {
  const [from, to] = ['480p', '240p'].map((name) => `https://edge.test/live/show/s_1/${name}.m3u8?token=a`)
  const media = 'https://edge.test/live/show/s_1/1/480p/7.0.m4s'
  expect(siblingUrl(media, from ?? '', to ?? '')).toBe('https://edge.test/live/show/s_1/1/240p/7.0.m4s')
  expect(siblingUrl('https://edge.test/other/7.0.m4s', from ?? '', to ?? '')).toBeUndefined()
})
