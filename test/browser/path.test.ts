import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { SteeringManifest } from '../../core/api/steering.ts'
import { launchChromium } from '../kit/browser.ts'
import { startNginx } from '../kit/connections/proxy-programs.ts'
import { startTwoEdges, type TwoEdges } from '../kit/edge/two-edges.ts'
import { get } from '../kit/http/client.ts'
import { freePort } from '../kit/ports.ts'
import type { TestProcess } from '../kit/processes.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { untilPlayed, untilState } from '../kit/watch-page.ts'

const dir = makeTempDir()
/** Path of the manager and an edge at the proxy, and that of the second edge, which contains `/live/`. */
let [base, second] = ['', '']
let edges: TwoEdges
let proxy: TestProcess | undefined
let browser: Browser

beforeAll(async () => {
  const port = await freePort()
  base = `http://127.0.0.1:${port}/live-tv`
  second = `http://127.0.0.1:${port}/live/second`
  const env = { NOWCAST_TRUSTED_PROXIES: '127.0.0.1', NOWCAST_LADDER: 'off' }
  edges = await startTwoEdges('show', {
    env: { ...env, NOWCAST_PUBLIC_URL: base, NOWCAST_PUBLIC_EDGE_URL: base },
    secondEnv: { ...env, NOWCAST_PUBLIC_EDGE_URL: second },
  })
  // The proxy removes the path, as docs/operate.md says.
  const servers = `server {
    listen 127.0.0.1:${port};
    access_log off;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_buffering off;
    location /live-tv/live/ { proxy_pass ${edges.whole.edgeUrl}/live/; }
    location /live-tv/ { proxy_pass ${edges.whole.managerUrl}/; }
    location /live/second/live/ { proxy_pass ${edges.secondUrl}/live/; }
  }`
  proxy = await startNginx(dir.path, servers, port)
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  // Not SIGKILL, which nginx's worker would survive.
  await proxy?.stop()
  await edges?.stop()
  dir.remove()
})

/** Returns the URI in the last line of a playlist that has one. */
const lastUri = (playlist: string) => playlist.split('\n').findLast((line) => /^[^#]/.test(line)) ?? ''

async function playbackOf(slug: string) {
  return (await edges.whole.api<ChannelView>('GET', `/v1/channels/${slug}`)).playback
}

test('playlists, media, pages and their files have URLs under the path', async () => {
  const playback = await playbackOf('show')
  expect(playback).toMatchObject({ hls: `${base}/live/show/index.m3u8`, watch: `${base}/watch/show` })
  const multivariant = await get(playback.hls)
  const media = new URL(lastUri(multivariant.body.toString()), playback.hls)
  expect(media.href).toContain(`${base}/live/show/`)
  const playlist = await get(media)
  const segment = new URL(lastUri(playlist.body.toString()), media)
  const [, map = ''] = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist.body.toString()) ?? []
  for (const url of [segment, new URL(map, media)]) expect((await get(url)).status, url.href).toBe(200)

  for (const page of [playback.watch, `${base}/console`, `${base}/docs/`]) {
    const { status, body } = await get(page)
    expect(status).toBe(200)
    const files = [...body.toString().matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, uri = '']) => uri)
    expect(files.length).toBeGreaterThan(0)
    for (const file of files.filter((uri) => !uri.startsWith('data:'))) {
      const url = new URL(file, page)
      expect(url.href).toContain(`${base}/`)
      expect((await get(url)).status, url.href).toBe(200)
    }
  }
  for (const [from, to] of [
    [`${base}/`, `${base}/console`],
    [`${base}/docs`, `${base}/docs/`],
  ] as const)
    expect(new URL((await get(from)).headers.location ?? '', from).href).toBe(to)
  const { body } = await get(`${base}/openapi.json`)
  expect(JSON.parse(body.toString()).servers, 'calls from the documentation').toEqual([{ url: base }])
})

test('content steering leads from one path to the other', async () => {
  const playlist = (await get((await playbackOf('show')).hls)).body.toString()
  const [, server = ''] = /CONTENT-STEERING:SERVER-URI="([^"]+)"/.exec(playlist) ?? []
  expect(server).toMatch(`${base}/steering/show?`)
  const { body } = await get(server)
  const manifest = JSON.parse(body.toString()) as SteeringManifest
  const uris = Object.values(manifest['PATHWAY-CLONES'][0]?.['URI-REPLACEMENT']['PER-VARIANT-URIS'] ?? {})
  expect(uris.length).toBeGreaterThan(0)
  for (const uri of uris) {
    expect(uri).toMatch(`${second}/live/show/`)
    expect((await get(uri)).status, uri).toBe(200)
  }
  const reload = new URL(manifest['RELOAD-URI'] ?? '', server)
  expect(reload.href).toContain(`${base}/steering/show?`)
  expect((await get(reload)).status).toBe(200)
})

test('the watch page plays under a path, and moves to the edge under another one when its own drains', async () => {
  const page = await browser.newPage()
  let playlist = ''
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith('.m3u8')) playlist = request.url()
  })
  const isAt = (url: string) => playlist.startsWith(`${url}/live/show/`)
  await page.goto((await playbackOf('show')).watch)
  await untilState(page, 'playing')
  await untilPlayed(page, 2)
  // The page begins at the edge whose URL the operator set, and may leave it on a busy machine.
  const isAtFirst = isAt(base)
  expect(isAtFirst || isAt(second), playlist).toBe(true)
  process.kill(edges.pidOf(isAtFirst ? edges.whole.edgeUrl : edges.secondUrl), 'SIGTERM')
  await waitFor('the viewer to move', () => isAt(isAtFirst ? second : base), { timeoutMs: 60_000 })
  await untilPlayed(page, 2)
  await page.close()
}, 120_000)
