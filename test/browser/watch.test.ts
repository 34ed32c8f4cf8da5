import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchChromium } from '../kit/browser.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let whole: Whole
let browser: Browser
let page: Page

beforeAll(async () => {
  ;[whole, browser] = await Promise.all([startWhole(), launchChromium()])
})
afterAll(async () => {
  await browser?.close()
  await whole?.stop()
})
beforeEach(async () => {
  await page?.close()
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
})

const state = (name: string) =>
  page.waitForSelector(`#stage[data-state="${name}"]`, { timeout: 30_000, state: 'attached' })

declare global {
  interface Window {
    nowcastProgress: { at: number; played: number }
  }
}

/** Waits until the picture has moved on for so many seconds in all. A playback that is built anew may count its time from elsewhere. */
async function playsOn(seconds: number): Promise<void> {
  await page.evaluate(() => {
    window.nowcastProgress = { at: document.querySelector('video')?.currentTime ?? 0, played: 0 }
  })
  await page.waitForFunction(
    (wanted) => {
      const now = document.querySelector('video')?.currentTime ?? 0
      const { at, played } = window.nowcastProgress
      const step = now - at
      window.nowcastProgress = { at: now, played: step > 0 && step < 1 ? played + step : played }
      return window.nowcastProgress.played >= wanted
    },
    seconds,
    { timeout: 30_000 },
  )
}

async function withChannel(
  slug: string,
  act: (publish: () => TestProcess) => Promise<void>,
  more: object = {},
): Promise<void> {
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug, title: `The ${slug} show`, ...more })
  const running: TestProcess[] = []
  const publish = () => {
    const publisher = startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '854x480', gopSeconds: 2 })
    running.push(publisher)
    return publisher
  }
  try {
    await act(publish)
  } finally {
    await Promise.all(running.map((publisher) => publisher.stop('SIGKILL')))
  }
}

const watchUrl = (slug: string) => `${whole.managerUrl}/watch/${slug}`

test('the page waits for the show, plays it without a click, says when it is over, and plays the next one', async () => {
  await withChannel('evening', async (publish) => {
    await page.goto(watchUrl('evening'))
    await state('waiting')
    expect(await page.title()).toContain('The evening show')

    const first = publish()
    await state('playing')
    await playsOn(2)
    expect(await page.locator('video').count()).toBe(1)
    expect(await page.evaluate(() => document.querySelector('video')?.muted)).toBe(true)
    expect(await page.locator('#spoken').textContent()).toBe('Playing live')

    await first.stop('SIGINT')
    await state('ended')

    publish()
    await state('playing')
    await playsOn(2)
  })
}, 120_000)

test('the operator stops the show: the publisher is cut off and viewers see the end', async () => {
  await withChannel('stopped', async (publish) => {
    const publisher = publish()
    await whole.untilLive('stopped')
    const asked: string[] = []
    page.on('request', (request) => void asked.push(`${request.method()} ${request.url()}`))
    await page.goto(watchUrl('stopped'))
    await state('playing')
    const live = await waitFor('what the player tells', async () => {
      const { live } = await whole.api('GET', '/v1/channels/stopped')
      return live?.experience?.joinMs && live.experience.stallRatio !== null && live
    })
    expect(live.viewers, 'one page is one viewer').toBe(1)
    expect(live.experience?.latencyMs?.p50).toBeGreaterThan(300)
    expect(asked.some((request) => request.includes('.m3u8') && request.includes('CMCD='))).toBe(true)
    // Nothing that a cache on the way would have to take apart, and no questions before the questions.
    expect(asked.filter((request) => request.includes('.m4s') && request.includes('?'))).toEqual([])
    expect(asked.filter((request) => request.startsWith('OPTIONS'))).toEqual([])
    await whole.api('POST', `/v1/sessions/${live.sessionId}/stop`)
    await Promise.all([state('ended'), publisher.exited])
    const session = await whole.api<{ state: string; reason: string }>(
      'GET',
      `/v1/sessions/${live.sessionId}`,
    )
    expect(session).toMatchObject({ reason: 'stopped' })
  })
}, 90_000)

test('media is asked for before the player has come', async () => {
  await withChannel('early', async (publish) => {
    publish()
    await whole.untilLive('early')
    let letIn = () => {}
    const held = new Promise<void>((resolve) => {
      letIn = resolve
    })
    await page.route('**/assets/hls-playback-*.js', async (route) => {
      await held
      await route.continue()
    })
    const early = page.waitForRequest('**/*.m4s', { timeout: 30_000 })
    await page.goto(watchUrl('early'), { waitUntil: 'commit' })
    await early
    letIn()
    await state('playing')
    await playsOn(1)
  })
}, 90_000)

test('a signed channel plays with a token of the page, which is replaced on the way, also when it was revoked', async () => {
  const act = async (publish: () => TestProcess) => {
    publish()
    // What takes minutes takes seconds here.
    await page.addInitScript(() => {
      const real = window.setTimeout
      window.setTimeout = ((act: TimerHandler, ms = 0) =>
        real(act, ms > 100_000 ? ms / 100 : ms)) as typeof real
    })
    const tokens = new Set<string | undefined>()
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.startsWith('/live/')) tokens.add(/^\/live\/t\/([^/]+)\//.exec(pathname)?.[1])
    })
    await page.goto(watchUrl('signed'))
    await state('playing')
    await playsOn(3)
    expect(tokens.size, 'renewed').toBeGreaterThanOrEqual(2)
    await whole.api('DELETE', '/v1/channels/signed/playback-tokens')
    const revoked = new Set(tokens)
    // More than was loaded: what comes then came with a token that is good.
    await playsOn(3)
    expect(
      [...tokens].some((token) => !revoked.has(token)),
      'others',
    ).toBe(true)
    expect(tokens.has(undefined), 'no request without').toBe(false)
    const log = whole.supervisor.lines.join('\n')
    for (const token of tokens) expect(log).not.toContain(token)
  }
  await withChannel('signed', act, { playback: 'signed' })
}, 90_000)

test('the viewer chooses another quality and the picture changes without a stop', async () => {
  await withChannel('quality', async (publish) => {
    publish()
    await whole.untilLive('quality')
    await page.goto(watchUrl('quality'))
    await state('playing')
    await page.locator('#stage').hover()
    await page.locator('media-rendition-menu-button').click()
    await page.getByRole('menuitemradio', { name: /240/ }).click()
    await page.waitForFunction(() => document.querySelector('video')?.videoHeight === 240, undefined, {
      timeout: 30_000,
    })
    await playsOn(2)
    await page.locator('#stage').hover()
    await page.locator('media-rendition-menu-button').click()
    await page.getByRole('menuitemradio', { name: /480/ }).click()
    await page.waitForFunction(() => document.querySelector('video')?.videoHeight === 480, undefined, {
      timeout: 30_000,
    })
  })
}, 90_000)

test.each(['transcoder', 'edge', 'ingest', 'manager'])(
  'a viewer comes back by itself after the %s was killed',
  async (role) => {
    await withChannel(`killed-${role}`, async (publish) => {
      publish()
      await whole.untilLive(`killed-${role}`)
      await page.goto(watchUrl(`killed-${role}`))
      await state('playing')
      const [pid] = whole.rolePids(role)
      process.kill(pid ?? Number.NaN, 'SIGKILL')
      // The encoder would come back by itself too.
      if (role === 'ingest') {
        await state('ended')
        await whole.untilListening()
        publish()
      }
      await state('playing')
      await playsOn(4)
      await whole.untilReady()
    })
  },
  120_000,
)

test('no part of the page is cut off on a phone, and a wrong address says so', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  const answer = await page.goto(watchUrl('nobody-has-this'))
  expect(answer?.status()).toBe(404)
  await state('unknown')
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }))
  expect(scroll).toBeLessThanOrEqual(client)
})
