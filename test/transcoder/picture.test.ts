import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { TokenView } from '../../core/api/playback-token.ts'
import { get } from '../kit/http/client.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let whole: Whole
const publishers: TestProcess[] = []
beforeAll(async () => {
  whole = await startWhole({ env: { NOWCAST_PICTURE_SECONDS: '1', NOWCAST_LADDER: 'off' } })
})
afterAll(async () => {
  for (const publisher of publishers) await publisher.stop('SIGKILL')
  await whole?.stop()
})

async function publish(slug: string, playback: 'public' | 'signed') {
  const channel = await whole.api<ChannelView & { streamKey: string }>('POST', '/v1/channels', {
    slug,
    playback,
  })
  publishers.push(startPublisher({ url: `${whole.rtmpUrl}/${channel.streamKey}`, size: '1280x720' }))
  return channel
}

/** Returns the size of a JPEG picture, from its frame header (ITU-T T.81, B.2.2). */
function sizeOf(jpeg: Buffer): string {
  const header = jpeg.indexOf(Buffer.from('ffc0', 'hex'))
  return `${jpeg.readUInt16BE(header + 7)}x${jpeg.readUInt16BE(header + 5)}`
}

test('a live channel has a picture of at most 640 pixels, which changes', async () => {
  const { playback } = await publish('shown', 'public')
  expect((await get(playback.picture)).body.toString()).toContain('not_live')
  const first = await waitFor('a picture', async () => {
    const response = await get(playback.picture)
    return response.status === 200 ? response : undefined
  })
  expect(first.headers['content-type']).toBe('image/jpeg')
  expect(first.headers['access-control-allow-origin']).toBe('*')
  expect(sizeOf(first.body)).toBe('640x360')
  await waitFor('another picture', async () => {
    const { status, headers } = await get(playback.picture)
    return status === 200 && headers.etag !== first.headers.etag
  })
})

test('the picture of a signed channel needs a token', async () => {
  const { playback } = await publish('guarded', 'signed')
  const { hls } = await whole.api<TokenView>('POST', '/v1/channels/guarded/playback-tokens', {})
  const signed = hls.replace('index.m3u8', 'picture.jpg')
  await waitFor('a picture', async () => (await get(signed)).status === 200)
  const refused = await get(playback.picture)
  expect([refused.status, refused.body.toString().trim()]).toEqual([403, 'token_missing'])
})
