import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import { listen } from '../../manager/server.ts'
import { launchChromium } from '../kit/browser.ts'
import { adminToken, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { root } from '../kit/root.ts'

let server: TestRedis
let manager: TestManager
let browser: Browser
let consoleUrl: string

beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url, {}, join(root, 'player/dist'))
  consoleUrl = `http://127.0.0.1:${await listen(manager.app, '127.0.0.1', 0)}/console`
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await manager?.close()
  await server?.stop()
})

const slateOf = async (slug: string) =>
  (await manager.get<ChannelView>(`/v1/channels/${slug}`)).body.slate ?? undefined

test('the slate of a channel is chosen, shown, replaced and removed', async () => {
  await manager.createChannel('show')
  const input = ['-f', 'lavfi', '-i', 'testsrc=size=320x180']
  const output = ['-frames:v', '1', '-f', 'image2pipe', '-c:v', 'png', '-']
  const picture = execFileSync('ffmpeg', ['-v', 'error', ...input, ...output])
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${consoleUrl}#show`)
  await page.getByRole('button', { name: 'Use the admin token' }).click()
  await page.getByLabel('Admin token').fill(adminToken)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('While the publisher is away, viewers see the last picture.').waitFor()
  const remove = page.getByRole('button', { name: 'Remove slate…' })
  expect(await remove.isVisible()).toBe(false)

  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a file…' }).click()
  await (await choosing).setFiles({ name: 'slate.png', mimeType: 'image/png', buffer: picture })
  await page.getByText('viewers see this picture, ').waitFor()
  await page.waitForFunction(() => {
    const shown = document.querySelector<HTMLImageElement>('.slate-picture')
    return shown?.naturalWidth === 320 && shown.naturalHeight === 180
  })
  expect(await slateOf('show')).toMatchObject({ mediaType: 'image/png', bytes: picture.length })
  expect(complaints).toEqual([])

  const replacing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Replace…' }).click()
  const wrong = { name: 'slate.jpg', mimeType: 'image/jpeg', buffer: picture }
  await (await replacing).setFiles(wrong)
  await page.getByText('The file is a PNG picture: send it as image/png.').waitFor()
  expect(await slateOf('show')).toMatchObject({ mediaType: 'image/png' })

  await remove.click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('While the publisher is away, viewers see the last picture.').waitFor()
  expect(await slateOf('show')).toBeUndefined()
  await page.close()
})
