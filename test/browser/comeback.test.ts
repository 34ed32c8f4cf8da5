import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
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

/** Waits until a page shows a picture of this width, pixels, which is smaller than all renditions before. */
const untilWide = (page: Page, width: number) =>
  page.waitForFunction((width) => document.querySelector('video')?.videoWidth === width, width)

/** With `width`, that of the picture in all renditions after the return. */
test.each([
  ['with the same settings', {}, undefined],
  ['with another picture and sound', { size: '320x180', fps: 25, audioChannels: 1 }, 320],
  ['without sound, to another ingest', { size: '256x144', audioChannels: 0 }, 256],
] as const)(
  'a publisher is cut and returns %s: the watch page and hls.js alone continue',
  async (how, settings, width) => {
    const whole = fixture.whole()
    const page = fixture.page()
    const slug = `comeback-${width ?? 'same'}`
    const sessionId = async () =>
      (await whole.api<ChannelView>('GET', `/v1/channels/${slug}`)).live?.sessionId
    const other = how.endsWith('another ingest') ? await whole.startIngest() : undefined
    onTestFinished(async () => void (await other?.stop()))
    await withChannel(slug, async (publish) => {
      const publisher = publish()
      await whole.untilLive(slug)
      const first = await sessionId()
      const plain = await openPlainPlayer(`${whole.edgeUrl}/live/${slug}/index.m3u8`)
      await watchLive(slug)
      await untilPlayed(plain.page, 2)
      const joins = countJoins()

      await publisher.stop('SIGKILL')
      await page.getByText('The broadcaster is away', { exact: true }).waitFor()
      publish({ ...settings, ...(other ? { rtmpUrl: other.rtmpUrl } : {}) })
      await state('playing')
      if (width !== undefined) await Promise.all([page, plain.page].map((each) => untilWide(each, width)))
      await playsOn(3)
      await untilPlayed(plain.page, 3)
      expect(joins).toEqual([])
      expect(plain.fatal).toEqual([])
      expect(await sessionId()).toBe(first)
      await plain.close()
    })
  },
  180_000,
)
