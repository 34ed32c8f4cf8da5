import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProblemBody } from '../../core/api/problem.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

const template = `<!doctype html><title>{{title}}</title>
<script type="application/json" id="nowcast-config">"__NOWCAST_CONFIG__"</script>
<script>early()</script><link href="./assets/watch-abc123.js">`
const evilTitle = `</script><script>alert('$&')</script><!-- & {{title}}`

let server: TestRedis
let player: TempDir
let manager: TestManager

beforeAll(async () => {
  server = await startRedis()
  player = makeTempDir()
  writeFileSync(join(player.path, 'watch.html'), template)
  writeFileSync(join(player.path, 'console.html'), template)
  writeFileSync(join(player.path, 'secret.txt'), 'not for you')
  const assets = join(player.path, 'assets')
  mkdirSync(assets)
  writeFileSync(join(assets, 'watch-abc123.js'), 'console.log(1)')
  writeFileSync(join(assets, 'watch-abc123.js.br'), brotliCompressSync('console.log(1)'))
  writeFileSync(join(assets, '.hidden'), 'not for you')
  manager = await startTestManager(server.url, {}, player.path)
  await manager.createChannel('show', { title: evilTitle, latency: 'ultra' })
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
  player?.remove()
})

/** Requests a page as a browser does, without the admin token. */
const visit = <Body>(url: string, headers = {}) => manager.get<Body>(url, { authorization: '', ...headers })

/** Returns the configuration that the page's script reads; null when the page has none. */
function configIn(html: string): unknown {
  const [, json] = /id="nowcast-config">(.*?)<\/script>/s.exec(html) ?? []
  return JSON.parse(json ?? 'null')
}

test('the watch page contains its configuration, for any title', async () => {
  const { status, headers, text } = await visit('/watch/show', { host: 'stream.example:8080' })
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(configIn(text)).toEqual({
    slug: 'show',
    title: evilTitle,
    hls: 'http://stream.example:8088/live/show/index.m3u8',
    latency: 'ultra',
  })
  expect(text.match(/<script/g)).toHaveLength(2)
  expect(text).toContain(
    '<title>&lt;/script&gt;&lt;script&gt;alert(&#39;$&amp;&#39;)&lt;/script&gt;&lt;!-- &amp; {{title}}</title>',
  )
})

test('the page may play from the edge and run only its own scripts', async () => {
  const { headers } = await visit('/watch/show', { host: 'stream.example:8080' })
  const policy = String(headers['content-security-policy']).split('; ')
  const hash = createHash('sha256').update('early()').digest('base64')
  expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`)
  expect(policy).toContain("worker-src 'self' blob:")
  expect(policy).toContain("media-src 'self' blob: http://stream.example:8088")
  expect(policy).toContain("connect-src 'self' http://stream.example:8088")
  expect(headers['x-content-type-options']).toBe('nosniff')
})

test.each(['evil.example; script-src *', '"><script>', '[::1', 'a b'])(
  'uses nothing from the Host header %j',
  async (host) => {
    const { headers, text } = await visit('/watch/show', { host })
    expect(configIn(text)).toMatchObject({ hls: 'http://127.0.0.1:8088/live/show/index.m3u8' })
    expect(headers['content-security-policy']).toContain("connect-src 'self' http://127.0.0.1:8088;")
  },
)

test('an unknown channel gets the same page with status 404', async () => {
  const { status, text } = await visit('/watch/nobody')
  expect(status).toBe(404)
  expect(configIn(text)).toEqual({ slug: 'nobody', title: null, hls: null, unknown: true })
  const odd = await visit('/watch/%3C%2Fscript%3E%00..%2f')
  expect(odd.status).toBe(404)
  expect(configIn(odd.text)).toMatchObject({ slug: '</script>\0../', unknown: true })
})

test('a new title appears at once, and so does a channel that was requested before it existed', async () => {
  expect((await visit('/watch/early')).status).toBe(404)
  await manager.createChannel('early', { title: 'One' })
  expect(configIn((await visit('/watch/early')).text)).toMatchObject({ title: 'One' })
  await manager.patch('/v1/channels/early', { title: 'Two' })
  expect(configIn((await visit('/watch/early')).text)).toMatchObject({ title: 'Two' })
  await manager.delete('/v1/channels/early')
  expect((await visit('/watch/early')).status).toBe(404)
})

test('pages refer to their files relatively, so that a proxy may serve all under any path', async () => {
  const base = 'https://tv.example/live-tv'
  for (const path of ['/watch/show', '/console']) {
    const [, href = ''] = /<link href="([^"]+)"/.exec((await visit(path)).text) ?? []
    expect(new URL(href, base + path).href, path).toBe(`${base}/assets/watch-abc123.js`)
  }
})

test('the root redirects to the console', async () => {
  const root = await visit('/')
  expect([root.status, root.headers.location]).toEqual([302, 'console'])
  const page = await visit('/console')
  expect(page.status).toBe(200)
  expect(page.headers['cache-control']).toBe('no-cache')
})

test('assets are immutable, and compressed for clients that accept it', async () => {
  const plain = await visit('/assets/watch-abc123.js')
  expect([plain.status, plain.text]).toEqual([200, 'console.log(1)'])
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const small = await visit('/assets/watch-abc123.js', { 'accept-encoding': 'br, gzip' })
  expect(small.headers['content-encoding']).toBe('br')
  expect(small.headers['content-type']).toContain('javascript')
  const gone = await visit<ProblemBody>('/assets/watch-000000.js')
  expect([gone.status, gone.body.code]).toEqual([404, 'not_found'])
})

test.each([
  '/assets/../secret.txt',
  '/assets/%2e%2e/secret.txt',
  '/assets/..%2fsecret.txt',
  '/assets/..%5csecret.txt',
  '/assets//../secret.txt',
  '/assets/%00',
  '/assets/.hidden',
  '/assets/',
  '/watch/../secret.txt',
  '/secret.txt',
])('reveals no other file at %s', async (path) => {
  const { status, text } = await visit(path)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
  expect(text).not.toContain('not for you')
})

test('explains how to build missing pages, and serves them once they are built', async () => {
  const empty = makeTempDir()
  const bare = await startTestManager(server.url, {}, empty.path)
  const missing = await bare.get('/watch/show')
  expect(missing.status).toBe(503)
  expect(missing.text).toContain('npx vite build player')
  writeFileSync(join(empty.path, 'watch.html'), template)
  expect((await bare.get('/watch/show')).status).toBe(404)
  await bare.close()
  empty.remove()
})
