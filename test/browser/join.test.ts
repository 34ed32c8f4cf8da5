import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { StreamKeyView } from '../../core/api/channel.ts'
import { listen } from '../../manager/server.ts'
import { launchChromium } from '../kit/browser.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { root } from '../kit/root.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let server: TestRedis
let data: TempDir
let manager: TestManager
let browser: Browser
let url: string

beforeAll(async () => {
  server = await startRedis()
  data = makeTempDir()
  manager = await startTestManager(server.url, { NOWCAST_DATA_DIR: data.path }, join(root, 'player/dist'))
  url = `http://127.0.0.1:${await listen(manager.app, '127.0.0.1', 0)}`
  browser = await launchChromium()
})
afterAll(async () => {
  vi.useRealTimers()
  await browser?.close()
  await manager?.close()
  await server?.stop()
  data?.remove()
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function signUp(page: Page, token: string, name: string) {
  await page.goto(`${url}/console/join#${token}`)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('E-mail').fill(`${name}@example.com`)
  await page.getByLabel('Password').fill('a long password')
  await button(page, 'Create account').click()
}

test('from the first link to a streamer who has the key of the channel', async () => {
  const complaints: string[] = []
  const open = async () => {
    const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    return page
  }
  const { streamKey } = (await manager.createChannel('show')) satisfies StreamKeyView
  const [, first = ''] = readFileSync(join(data.path, 'secrets/first-account-link'), 'utf8').trim().split('#')
  const owner = await open()
  await signUp(owner, first, 'ada')
  await owner.getByRole('link', { name: 'People' }).click()
  await button(owner, 'Invite…').click()
  await owner.getByRole('textbox', { name: 'For' }).fill('Bob')
  await owner.getByLabel('show').check()
  await button(owner, 'Create link').click()
  const link = await owner.getByLabel('Link', { exact: true }).inputValue()
  const streamer = await open()
  await signUp(streamer, link.split('#')[1] ?? '', 'bob')
  await streamer.waitForURL(`${url}/console#show`)
  await button(streamer, 'Reveal the stream key').click()
  expect(await streamer.getByLabel('Stream key', { exact: true }).inputValue()).toBe(streamKey)
  expect(await streamer.getByRole('link', { name: 'People' }).isVisible()).toBe(false)
  expect(await button(streamer, 'New channel').count()).toBe(0)
  await button(streamer, 'Sign out').click()
  await streamer.getByLabel('E-mail').fill('bob@example.com')
  await streamer.getByLabel('Password').fill('a long password')
  await button(streamer, 'Sign in').click()
  await streamer.getByText('bob', { exact: true }).waitFor()
  await streamer.reload()
  await streamer.getByText('bob', { exact: true }).waitFor()
  expect(complaints).toEqual([])
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
  await streamer.goto(`${url}/console#show`)
  await button(streamer, 'Reveal the stream key').click()
  const password = streamer.getByRole('dialog').getByRole('textbox')
  await password.fill('wrong password')
  await button(streamer, 'Continue').click()
  await streamer.getByText('This is not your password.').waitFor()
  await password.fill('a long password')
  await button(streamer, 'Continue').click()
  expect(await streamer.getByLabel('Stream key', { exact: true }).inputValue()).toBe(streamKey)
})
