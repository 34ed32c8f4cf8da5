import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import { useWatchFixture } from '../kit/watch-fixture.ts'
import { untilPlayed } from '../kit/watch-page.ts'

const fixture = useWatchFixture()
const { state, playsOn, withChannel, watchLive, countJoins } = fixture
const hlsScript = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js')

/**
 * Plays a playlist with hls.js and its defaults, in a window of its own. Returns the page and the list of its
 * fatal errors, which grows.
 */
async function openPlainPlayer(url: string) {
  const context = await fixture.page().context().browser()?.newContext({ bypassCSP: true })
  if (context === undefined) throw new Error('there is no browser')
  const page = await context.newPage()
  const fatal: string[] = []
  page.on('console', (message) => message.text().startsWith('fatal') && fatal.push(message.text()))
  await page.goto(`${fixture.whole().managerUrl}/healthz`)
  await page.setContent('<video muted autoplay playsinline></video>')
  await page.addScriptTag({ path: hlsScript })
  await page.evaluate(`
    const hls = new Hls()
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && console.error('fatal', data.details))
    hls.loadSource(${JSON.stringify(url)})
    hls.attachMedia(document.querySelector('video'))`)
  return { page, fatal, close: () => context.close() }
}

test('a publisher is cut and returns: the watch page and hls.js alone continue without a reload', async () => {
  const whole = fixture.whole()
  const page = fixture.page()
  const sessionId = async () => (await whole.api<ChannelView>('GET', '/v1/channels/comeback')).live?.sessionId
  await withChannel('comeback', async (publish) => {
    const publisher = publish()
    await whole.untilLive('comeback')
    const first = await sessionId()
    const plain = await openPlainPlayer(`${whole.edgeUrl}/live/comeback/index.m3u8`)
    await watchLive('comeback')
    await untilPlayed(plain.page, 2)
    const joins = countJoins()

    await publisher.stop('SIGKILL')
    await page.getByText('The broadcaster is away', { exact: true }).waitFor()
    publish()
    await state('playing')
    await playsOn(3)
    await untilPlayed(plain.page, 3)
    expect(joins).toEqual([])
    expect(plain.fatal).toEqual([])
    expect(await sessionId()).toBe(first)
    await plain.close()
  })
}, 180_000)
