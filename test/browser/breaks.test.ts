import { expect, test } from 'vitest'
import { waitFor } from '../kit/wait-for.ts'
import { useWatchFixture } from '../kit/watch-fixture.ts'

const fixture = useWatchFixture()
const { state, playsOn, withChannel, watchLive, countJoins } = fixture

/** Whether the page shows a picture that is less than 5 s old. */
const isNearLive = () =>
  fixture.page().evaluate(() => {
    const age = /([\d.]+) s/.exec(document.querySelector('#latency')?.textContent ?? '')?.[1]
    return age !== undefined && Number(age) < 5
  })

test('viewers stay when the publisher pauses for three seconds', async () => {
  const page = fixture.page()
  await withChannel('pausing', async (publish) => {
    const publisher = publish()
    const joins = countJoins()
    await watchLive('pausing')
    const joined = joins.length
    process.kill(publisher.pid, 'SIGSTOP')
    await waitFor('the buffer to run dry', async () =>
      page.evaluate(() => (document.querySelector('video')?.readyState ?? 4) < 3),
    )
    await page.waitForTimeout(2000)
    process.kill(publisher.pid, 'SIGCONT')
    await state('playing')
    await playsOn(3)
    expect(joins.length, 'joins').toBe(joined)
  })
}, 90_000)

test('after six seconds without network playback continues at the live edge, without a reload', async () => {
  const page = fixture.page()
  await withChannel('tunnel', async (publish) => {
    publish()
    const joins = countJoins()
    await watchLive('tunnel')
    const joined = joins.length
    await page.context().setOffline(true)
    await page.waitForTimeout(6000)
    await page.context().setOffline(false)
    await playsOn(3)
    await state('playing')
    await waitFor('the live edge', isNearLive)
    expect(joins.length, 'joins').toBe(joined)
  })
}, 90_000)

test('a page that the browser froze for ten seconds continues at the live edge', async () => {
  const page = fixture.page()
  await withChannel('asleep', async (publish) => {
    publish()
    await watchLive('asleep')
    const loadedAt = await page.evaluate(() => performance.timeOrigin)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    await page.waitForTimeout(10_000)
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await waitFor('the live edge', isNearLive)
    await playsOn(3)
    await state('playing')
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loadedAt)
  })
}, 90_000)
