import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../kit/ports.ts'
import { startProcess, type TestProcess } from '../kit/processes.ts'
import { root } from '../kit/root.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let whole: Whole
let site: TestProcess
let siteUrl: string
const dir = makeTempDir()

beforeAll(async () => {
  whole = await startWhole()
  await whole.api('POST', '/v1/channels', { slug: 'show', playback: 'signed' })
  const tokenFile = join(dir.path, 'admin-token')
  writeFileSync(tokenFile, `${whole.adminToken}\n`)
  const port = String(await freePort())
  siteUrl = `http://127.0.0.1:${port}`
  const server = join(root, 'examples', 'signed-playback', 'server.mjs')
  const options = ['--port', port, '--manager', whole.managerUrl, '--token-file', tokenFile]
  site = startProcess(process.execPath, [server, ...options], { cwd: root })
  await site.line(/watch show at/)
})
afterAll(async () => {
  await site.stop()
  await whole.stop()
  dir.remove()
})

const playlistUrl = async () => {
  const { url } = (await (await fetch(`${siteUrl}/playlist-url`)).json()) as { url: string }
  return url
}
const reasonFor = async (url: string, origin: string) =>
  (await (await fetch(url, { headers: { origin } })).text()).trim()

test('the page gets hls.js and a token that plays on this site only', async () => {
  const page = await (await fetch(siteUrl)).text()
  expect(page).toContain('<script src="/hls.js">')
  expect((await fetch(`${siteUrl}/hls.js`)).headers.get('content-type')).toBe('text/javascript')
  const url = await playlistUrl()
  expect(await reasonFor(url, siteUrl)).toBe('not_live')
  expect(await reasonFor(url, 'https://other.example')).toBe('token_of_other_page')
})

test('each visit gets another token, and never the admin token', async () => {
  const [first, second] = [await playlistUrl(), await playlistUrl()]
  expect(first).not.toBe(second)
  for (const path of ['/', '/playlist-url'])
    expect(await (await fetch(siteUrl + path)).text()).not.toContain(whole.adminToken)
})
