import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { type FakeOrigin, mediaReply, playlistReply, startFakeOrigin } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'

let line: EdgeLine
let next: FakeOrigin
beforeAll(async () => {
  line = await startEdgeLine()
  next = await startFakeOrigin()
})
afterAll(async () => {
  await line.close()
  await next.die()
})

/** Replies never, as a frozen process. */
const never = () => {}

test('a held reload at a frozen origin continues at the next one when the session moves', async () => {
  const { origin, base } = await line.goLive('frozen')
  const target = `${base}/720p.m3u8?_HLS_msn=9&_HLS_part=0`
  line.origin.on(target, never)
  next.on(target, playlistReply('#EXTM3U of the next'))
  const held = get(line.url + target)
  await line.origin.whenAsked(target)
  await line.registry.putOrigin({ ...origin, url: next.url, epoch: 1001 })
  const { status, body } = await held
  expect([status, body.toString()]).toEqual([200, '#EXTM3U of the next'])
  expect(next.asked(target)).toBe(1)
})

test('a session that begins another epoch at the same origin disturbs no request', async () => {
  const { origin, base } = await line.goLive('same')
  const target = `${base}/720p.m3u8?_HLS_msn=9&_HLS_part=0`
  const later = `${base}/1/720p/1.m4s`
  let reply = () => {}
  line.origin.on(target, (response) => {
    reply = () => playlistReply('#EXTM3U')(response, target)
  })
  line.origin.on(later, mediaReply(Buffer.from('media')))
  const held = get(line.url + target)
  await line.origin.whenAsked(target)
  await line.registry.putOrigin({ ...origin, epoch: 2 })
  // The edge has handled the message before this request, because it asks the registry first.
  expect((await get(line.url + later)).status).toBe(200)
  reply()
  expect((await held).status).toBe(200)
  expect(line.origin.asked(target)).toBe(1)
})

test('a reload that an origin cannot answer any more waits for the next origin', async () => {
  const dying = await startFakeOrigin()
  const { origin, base } = await line.goLive('dying', { url: dying.url })
  const target = `${base}/720p.m3u8?_HLS_msn=9&_HLS_part=0`
  dying.on(target, never)
  next.on(target, playlistReply('#EXTM3U of the next'))
  const held = get(line.url + target)
  await dying.whenAsked(target)
  await dying.die()
  await line.registry.putOrigin({ ...origin, url: next.url, epoch: 1001 })
  expect((await held).status).toBe(200)
})

test('one whose session does not move gets 502', async () => {
  const dying = await startFakeOrigin()
  const { base } = await line.goLive('dead', { url: dying.url })
  await dying.die()
  const { status, headers } = await get(`${line.url}${base}/720p.m3u8?_HLS_msn=9&_HLS_part=0`)
  expect([status, headers['retry-after']]).toEqual([502, '1'])
})
