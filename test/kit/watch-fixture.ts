import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { launchChromium } from './browser.ts'
import type { TestProcess } from './processes.ts'
import { type PublishOptions, startPublisher } from './publisher.ts'
import { untilPlayed, untilState } from './watch-page.ts'
import { startWhole, type Whole } from './whole.ts'

type Publish = Partial<Omit<PublishOptions, 'url'>> & { rtmpUrl?: string }

/** Provides a whole nowcast to a test file, and a page of Chromium to each of its tests. */
export function useWatchFixture() {
  let whole: Whole | undefined
  let browser: Browser | undefined
  let page: Page | undefined
  beforeAll(async () => {
    ;[whole, browser] = await Promise.all([startWhole(), launchChromium()])
  })
  afterAll(async () => {
    await browser?.close()
    await whole?.stop()
  })
  beforeEach(async () => {
    await page?.close()
    page = await browser?.newPage({ viewport: { width: 1280, height: 800 } })
  })
  const running = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the fixture is available in tests only')
    return value
  }

  const watchUrl = (slug: string) => `${running(whole).managerUrl}/watch/${slug}`

  return {
    whole: () => running(whole),
    page: () => running(page),
    watchUrl,
    /** Waits until the state machine of the page is in the state `name`. */
    state: (name: string) => untilState(running(page), name),
    /** Waits until the page has played `seconds` of media from now on. */
    playsOn: (seconds: number) => untilPlayed(running(page), seconds),

    /** Waits until a channel is live, opens its watch page, and waits until that has played for 3 s. */
    async watchLive(slug: string): Promise<void> {
      await running(whole).untilLive(slug)
      await running(page).goto(watchUrl(slug))
      await untilState(running(page), 'playing')
      await untilPlayed(running(page), 3)
    },

    /** Records the requests that a page makes only to join. Returns the list, which grows with each. */
    countJoins(): string[] {
      const joins: string[] = []
      running(page).on('request', (request) => {
        if (/\/(index\.m3u8|start-[^/]*\.bin)/.test(request.url())) joins.push(request.url())
      })
      return joins
    },

    /**
     * Runs `act` with a channel of its own, then ends the publishers that `act` started, by default to the
     * ingest of the fixture at `rtmpUrl`. `more`: further fields of the channel.
     */
    async withChannel(
      slug: string,
      act: (publish: (options?: Publish) => TestProcess) => Promise<void>,
      more: object = {},
    ): Promise<void> {
      const { api, rtmpUrl } = running(whole)
      const { streamKey } = await api('POST', '/v1/channels', { slug, title: `The ${slug} show`, ...more })
      const publishers: TestProcess[] = []
      const publish = ({ rtmpUrl: base = rtmpUrl, ...settings }: Publish = {}) => {
        const url = `${base}/${streamKey}`
        const publisher = startPublisher({ size: '640x360', gopSeconds: 2, ...settings, url })
        publishers.push(publisher)
        return publisher
      }
      try {
        await act(publish)
      } finally {
        await Promise.all(publishers.map((publisher) => publisher.stop('SIGKILL')))
      }
    },
  }
}
