import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'
import { waitFor } from '../kit/wait-for.ts'

let channel: LiveChannel

beforeAll(async () => {
  channel = await startLiveChannel({ slug: 'ending', gopSeconds: 1 })
  await channel.untilSegments('video', 3)
}, 60_000)
afterAll(() => channel?.stop())

test('when the publisher stops, held reloads get an ended playlist, and directives are ignored from then on', async () => {
  const uris = await channel.playlistUris()
  const { next } = await channel.playlist('video', '')
  await channel.stopPublisher()
  const ended = await waitFor('the end of the playlist', async () => {
    const response = await channel.playlist('video', `_HLS_msn=${next.msn + 1}`)
    return response.playlist.ended && response
  })
  expect(ended.playlist.preloadHint).toBeUndefined()
  for (const uri of uris) {
    const { playlist, status } = await channel.playlistAt(uri, '_HLS_msn=100000&_HLS_part=7')
    expect(status).toBe(200)
    expect(playlist.ended).toBe(true)
    expect(playlist.segments.every((segment) => segment.uri !== undefined)).toBe(true)
  }
  const newest = ended.playlist.segments.at(-1)
  expect((await channel.media('video', newest?.uri ?? '')).status).toBe(200)
})

test('the channel is no longer live: 404 with Retry-After', async () => {
  const missing = await waitFor('the end of the channel', async () => {
    const response = await channel.raw('index.m3u8')
    return response.status === 404 && response
  })
  expect(Number(missing.headers.get('retry-after'))).toBeGreaterThan(0)
})
