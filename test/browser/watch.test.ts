import { expect, test } from 'vitest'
import { playbackPrefix, splitToken } from '../../core/playback/media-paths.ts'
import type { TestProcess } from '../kit/processes.ts'
import { waitFor } from '../kit/wait-for.ts'
import { useWatchFixture } from '../kit/watch-fixture.ts'

const fixture = useWatchFixture()
const { state, playsOn, withChannel, watchUrl } = fixture

test('the page waits for the show, plays it without a click, shows its end, and plays the next one', async () => {
  const [whole, page] = [fixture.whole(), fixture.page()]
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
    const forDevices = await page.evaluate(() => {
      const video = document.querySelector('video')
      return { isForbidden: video?.disableRemotePlayback, url: video?.querySelector('source')?.src }
    })
    expect(forDevices, 'AirPlay and Chromecast have a source').toEqual({
      isForbidden: false,
      url: `${whole.edgeUrl}/live/evening/index.m3u8`,
    })

    await first.stop('SIGINT')
    await state('ended')

    publish()
    await state('playing')
    await playsOn(2)
  })
}, 120_000)

test('when the operator stops the show, the publisher is disconnected and viewers see the end', async () => {
  const whole = fixture.whole()
  const page = fixture.page()
  await withChannel('stopped', async (publish) => {
    const publisher = publish()
    await whole.untilLive('stopped')
    const asked: string[] = []
    page.on('request', (request) => void asked.push(`${request.method()} ${request.url()}`))
    await page.goto(watchUrl('stopped'))
    await state('playing')
    const live = await waitFor('the report of the player', async () => {
      const { live } = await whole.api('GET', '/v1/channels/stopped')
      return live?.experience?.joinMs && live.experience.stallRatio !== null && live
    })
    expect(live.viewers, 'one page is one viewer').toBe(1)
    expect(live.experience?.latencyMs?.p50).toBeGreaterThan(300)
    expect(asked.some((request) => request.includes('.m3u8') && request.includes('CMCD='))).toBe(true)
    // Media URLs have no query, so caches need not remove one for their keys. No request needs a preflight.
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

test('the picture moves before the player is loaded, after few requests', async () => {
  const whole = fixture.whole()
  const page = fixture.page()
  await withChannel('early', async (publish) => {
    publish()
    const start = `${whole.edgeUrl}/live/early/start-1500-0.bin`
    // Seldom enough to leave the page some of the bundles that an edge may request per second.
    await waitFor('a first segment', async () => (await fetch(start)).ok, { everyMs: 500 })
    const held = Promise.withResolvers<void>()
    await page.route('**/assets/hls-playback-*.js', async (route) => {
      await held.promise
      await route.continue()
    })
    const asked: string[] = []
    page.on('request', (request) => void asked.push(request.url()))
    const bundle = page.waitForResponse('**/start-*.bin*')
    await page.goto(watchUrl('early'), { waitUntil: 'commit' })
    expect((await bundle).status()).toBe(200)
    expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(6)
    await playsOn(0.5)
    held.resolve()
    await state('playing')
    await playsOn(2)
  })
}, 90_000)

test('a signed channel plays with the token of the page, which is renewed during playback and after revocation', async () => {
  const whole = fixture.whole()
  const page = fixture.page()
  const act = async (publish: () => TestProcess) => {
    publish()
    // Long timers run a hundred times faster, so that the token is renewed within seconds.
    await page.addInitScript(() => {
      const real = window.setTimeout
      window.setTimeout = ((act: TimerHandler, ms = 0) =>
        real(act, ms > 100_000 ? ms / 100 : ms)) as typeof real
    })
    const tokens = new Set<string | undefined>()
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.startsWith(playbackPrefix)) tokens.add(splitToken(pathname)?.token)
    })
    await page.goto(watchUrl('signed'))
    await state('playing')
    await playsOn(3)
    expect(tokens.size, 'renewed').toBeGreaterThanOrEqual(2)
    await whole.api('DELETE', '/v1/channels/signed/playback-tokens')
    const revoked = new Set(tokens)
    // The buffer is shorter than three seconds, so the media that plays after that was loaded with a new
    // token.
    await playsOn(3)
    expect(
      [...tokens].some((token) => !revoked.has(token)),
      'new tokens',
    ).toBe(true)
    expect(tokens.has(undefined), 'requests without a token').toBe(false)
    const log = whole.supervisor.lines.join('\n')
    for (const token of tokens) expect(log).not.toContain(token)
  }
  await withChannel('signed', act, { playback: 'signed' })
}, 90_000)

test('the picture changes to the quality that the viewer chooses, without a stop', async () => {
  const whole = fixture.whole()
  const page = fixture.page()
  await withChannel('quality', async (publish) => {
    publish()
    await whole.untilLive('quality')
    await page.goto(watchUrl('quality'))
    await state('playing')
    await page.locator('#stage').hover()
    await page.locator('media-rendition-menu-button').click()
    await page.getByRole('menuitemradio', { name: '240p', exact: true }).click()
    await page.waitForFunction(() => document.querySelector('video')?.videoHeight === 240, undefined, {
      timeout: 30_000,
    })
    await playsOn(2)
    await page.locator('#stage').hover()
    await page.locator('media-rendition-menu-button').click()
    await page.getByRole('menuitemradio', { name: '360p', exact: true }).click()
    await page.waitForFunction(() => document.querySelector('video')?.videoHeight === 360, undefined, {
      timeout: 30_000,
    })
  })
}, 90_000)

test('the page fits on a phone, and an unknown channel is shown as such', async () => {
  const page = fixture.page()
  await page.setViewportSize({ width: 390, height: 844 })
  const response = await page.goto(watchUrl('nobody-has-this'))
  expect(response?.status()).toBe(404)
  await state('unknown')
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }))
  expect(scroll).toBeLessThanOrEqual(client)
})
