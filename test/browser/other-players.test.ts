import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../kit/browser.ts'
import { type LiveChannel, startLiveChannel } from '../kit/live-channel.ts'

const require = createRequire(import.meta.url)
const scripts: Record<string, string> = {
  '/shaka.js': require.resolve('shaka-player/dist/shaka-player.compiled.js'),
  '/hls.js': require.resolve('hls.js/dist/hls.min.js'),
}
const blankPage = '<!doctype html><link rel=icon href=data:,><video muted autoplay playsinline></video>'

let channel: LiveChannel
let browser: Browser
let pages: Server
let pageUrl: string

beforeAll(async () => {
  pages = createServer((request, response) => {
    const file = scripts[request.url ?? '']
    if (file) response.setHeader('content-type', 'text/javascript').end(readFileSync(file))
    else response.setHeader('content-type', 'text/html').end(blankPage)
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  pageUrl = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`
  // Shaka 5.2.12 fails when a rendition is a segment behind another. On a busy machine an encoder may be, so
  // there are none here. Ladders are played by the clients of the bench.
  ;[browser, channel] = await Promise.all([
    launchChromium(),
    startLiveChannel({ slug: 'players', gopSeconds: 2, env: { NOWCAST_LADDER: 'source' } }),
  ])
  await channel.untilSegments('video', 4)
})
afterAll(async () => {
  await browser?.close()
  await channel?.stop()
  pages?.close()
})

/**
 * Loads `script` into a blank page and runs `start`, JavaScript with `url` and `video` in scope, until more
 * than five seconds have been played in one piece. Returns the errors that `start` or the browser printed.
 * @throws Error when that takes longer than 60 s, with the exceptions in the page. While playback continues
 *   they do not count: hls.js 1.7.4 throws after a delta update of a rendition that it has left.
 */
async function playFiveSeconds(script: string, start: string): Promise<string[]> {
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  const exceptions: unknown[] = []
  page.on('pageerror', (error) => exceptions.push(error))
  await page.goto(pageUrl)
  await page.addScriptTag({ url: script })
  await page.evaluate(
    `(async (url, video) => { ${start} })("${channel.base}index.m3u8", document.querySelector("video"))`,
  )
  await page
    .waitForFunction(
      () => {
        const played = document.querySelector('video')?.played
        const last = (played?.length ?? 0) - 1
        return played !== undefined && last >= 0 && played.end(last) - played.start(last) > 5
      },
      undefined,
      { timeout: 60_000 },
    )
    .catch((error: unknown) => {
      const seen = [...errors, ...exceptions].join('; ')
      throw new Error(`${script} did not play five seconds: ${seen}`, { cause: error })
    })
  await page.close()
  return errors
}

test('Shaka Player plays it in low-latency mode', async () => {
  const start = `
    const player = new shaka.Player()
    await player.attach(video)
    player.configure({ streaming: { lowLatencyMode: true } })
    player.addEventListener("error", (event) => console.error("shaka", event.detail.code))
    await player.load(url)`
  expect(await playFiveSeconds('/shaka.js', start)).toEqual([])
})

// The next two tests play in real time, so they run concurrently.
test.concurrent('hls.js with its defaults plays it', async () => {
  const start = `
    const hls = new Hls()
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && console.error("hls.js", data.details))
    hls.loadSource(url)
    hls.attachMedia(video)`
  expect(await playFiveSeconds('/hls.js', start)).toEqual([])
})

test.concurrent('hls.js without low latency plays the same playlists', async () => {
  const start = `
    const hls = new Hls({ lowLatencyMode: false })
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && console.error("hls.js", data.details))
    hls.loadSource(url)
    hls.attachMedia(video)`
  expect(await playFiveSeconds('/hls.js', start)).toEqual([])
})
