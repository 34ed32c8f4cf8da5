import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DrivenBrowser } from '../kit/other-browsers/driven-browser.ts'
import { startFirefox } from '../kit/other-browsers/firefox.ts'
import { heights, startLinkedChannel } from '../kit/other-browsers/linked-channel.ts'
import { watchIn } from '../kit/other-browsers/watching.ts'
import { startWebKitGtk } from '../kit/other-browsers/webkitgtk.ts'

let channel: Awaited<ReturnType<typeof startLinkedChannel>>
beforeAll(async () => {
  channel = await startLinkedChannel()
})
afterAll(() => channel?.stop())

describe.each([
  { name: 'Firefox', start: startFirefox },
  { name: 'WebKitGTK', start: startWebKitGtk },
])('$name', ({ start }) => {
  let browser: DrivenBrowser | undefined
  beforeEach(async () => {
    browser = await start()
  })
  afterEach(async () => {
    await browser?.stop()
    browser = undefined
  })

  /** Opens the watch page on a good link. Resolves when the source has played for some seconds. */
  async function watch() {
    if (browser === undefined) throw new Error('there is no browser')
    channel.setRate()
    const page = await watchIn(browser, channel.watchUrl)
    await page.until('picture of the source', ({ height }) => height === heights.source)
    return { page, shown: await page.untilPlayed(3) }
  }

  test('the page plays the channel without a click', async () => {
    const { shown } = await watch()
    expect(shown).toMatchObject({ state: 'playing', isPaused: false, width: 854, height: 480 })
  })

  test('a slow link lowers the rendition, playback continues, and a fast link raises it again', async () => {
    const { page, shown } = await watch()
    channel.setRate(1200)
    await page.until('lower rendition', ({ height }) => height === heights.small)
    expect(await page.untilPlayed(5)).toMatchObject({ state: 'playing', isPaused: false })
    channel.setRate()
    await page.until('picture of the source', ({ height }) => height === heights.source)
    expect(await page.untilPlayed(2)).toMatchObject({ state: 'playing', loadedAt: shown.loadedAt })
  })

  test('after six seconds without network playback continues at the live edge, without a reload', async () => {
    const { page, shown } = await watch()
    await channel.interrupt(6)
    await page.untilPlayed(3)
    const after = await page.until(
      'picture of the live edge',
      ({ age, state }) => age < 5 && state === 'playing',
    )
    expect(after).toMatchObject({ isPaused: false, loadedAt: shown.loadedAt })
  })
})
