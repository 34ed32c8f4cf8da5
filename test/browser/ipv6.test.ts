import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import { launchChromium } from '../kit/browser.ts'
import { get } from '../kit/http/client.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { waitFor } from '../kit/wait-for.ts'
import { untilPlayed, untilState } from '../kit/watch-page.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let whole: Whole
let browser: Browser
let publisher: TestProcess | undefined

beforeAll(async () => {
  ;[whole, browser] = await Promise.all([
    startWhole({ host: '::1', env: { NOWCAST_LADDER: 'off' } }),
    launchChromium(),
  ])
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug: 'six' })
  publisher = startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '320x180' })
  await whole.untilLive('six')
})
afterAll(async () => {
  await browser?.close()
  await publisher?.stop('SIGKILL')
  await whole?.stop()
})

test('with an IPv6 address no listener has an IPv4 address', () => {
  const ready = whole.supervisor.lines.filter((line) => line.includes('"msg":"ready"'))
  expect(ready).toHaveLength(4)
  for (const line of ready) expect(JSON.parse(line).url).toMatch(/^http:\/\/\[::1\]:\d+$/)
})

test('the watch page plays at an IPv6 address, and its viewer is counted', async () => {
  const page = await browser.newPage()
  const { playback } = await whole.api<ChannelView>('GET', '/v1/channels/six')
  await page.goto(playback.watch)
  await untilState(page, 'playing')
  await untilPlayed(page, 2)
  await waitFor('the viewer', async () => {
    const { live } = await whole.api<ChannelView>('GET', '/v1/channels/six')
    return live?.viewers === 1
  })
  await page.close()
}, 120_000)

test('metrics respond at the loopback address of IPv6', async () => {
  for (const url of [whole.edgeUrl, whole.managerUrl])
    expect((await get(`${url}/metrics`)).status, url).toBe(200)
})

test('a token that is bound to an IPv6 address plays from there only', async () => {
  await whole.api('POST', '/v1/channels', { slug: 'paid', playback: 'signed' })
  const statusWith = async (address: string) => {
    const token = await whole.api<{ hls: string }>('POST', '/v1/channels/paid/playback-tokens', { address })
    expect(token.hls).toContain(`${whole.edgeUrl}/live/t/`)
    return (await get(token.hls)).status
  }
  // The channel is not live: 404 for who may watch.
  await waitFor('the edge to know the channel', async () => (await statusWith('0::1')) === 404)
  expect(await statusWith('2001:db8::/32')).toBe(403)
})
