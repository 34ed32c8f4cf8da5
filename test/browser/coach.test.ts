import { expect, test } from 'vitest'
import type { StreamKeyView } from '../../core/api/channel.ts'
import { waitFor } from '../kit/wait-for.ts'
import { useWatchFixture } from '../kit/watch-fixture.ts'

const { whole, page, withChannel } = useWatchFixture()

/** What a healthy encoder sends; the usual preset of the test publisher makes the baseline profile. */
const healthy = {
  size: '320x180',
  gopSeconds: 1,
  videoBitrate: 800_000,
  more: ['-preset', 'superfast', '-profile:v', 'main'],
}

test('a streamer reads the verdict live without an account, and the report after the show', async () => {
  await withChannel('coached', async (publish) => {
    const { coach } = await whole().api<StreamKeyView>('GET', '/v1/channels/coached/stream-key')
    const complaints: string[] = []
    page().on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page().goto(coach)
    const verdict = page().getByRole('heading', { level: 1 })
    await page().getByText('Start streaming in OBS').waitFor()

    const publisher = publish(healthy)
    await waitFor('the verdict', async () => (await verdict.textContent()) === 'Good')
    await page().getByText('Frame rate').waitFor()
    await waitFor('the keyframes', async () => (await page().textContent('#tiles'))?.includes('every 1 s'))
    expect(await page().getByRole('heading', { name: 'What to do' }).isVisible()).toBe(false)
    expect(await page().locator('#graph .line').getAttribute('d')).toMatch(/^M0\.0 /)

    await publisher.stop('SIGINT')
    await page().getByText('Report of the show of').waitFor()
    await waitFor('the report', async () => (await verdict.textContent()) === 'Good')
    expect(await page().textContent('#sentence')).toBe('The signal was fine.')
    expect(complaints).toEqual([])
  })
})

test('a browser that prefers Korean shows Korean, also for an address that is not valid', async () => {
  const context = await page().context().browser()?.newContext({ locale: 'ko-KR' })
  const opened = await context?.newPage()
  const response = await opened?.goto(`${whole().managerUrl}/coach/co_${'a'.repeat(65)}`)
  expect(response?.status()).toBe(404)
  await opened?.getByRole('heading', { name: '잘못된 주소' }).waitFor()
  expect(await opened?.evaluate(() => document.documentElement.lang)).toBe('ko')
  await context?.close()
})
