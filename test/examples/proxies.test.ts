import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { SessionView } from '../../core/api/session.ts'
import { exampleWith, startCaddy, startHaproxy, startNginx } from '../kit/connections/proxy-programs.ts'
import { makeCertificate } from '../kit/http/certificates.ts'
import { get } from '../kit/http/client.ts'
import { startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { freePorts } from '../kit/ports.ts'
import type { TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

// The proxies connect from 127.0.0.1. The clients use other addresses of this machine, which are no proxies.
const clients = [2, 3, 4, 5, 6, 7].map((n) => `127.0.0.${n}`)
const dir = makeTempDir()
const started: TestProcess[] = []
let whole: Whole
/** The proxies of `examples/` that run here. */
const names = ['nginx', 'haproxy', 'caddy'] as const
let fronts: Record<(typeof names)[number], string>
let rtmp: { v1: number; v2: number }

beforeAll(async () => {
  const [plain, secure, caddy, haproxy, v1, v2, unused] = (await freePorts(7)) as [
    ...[number, number, number, number, number, number, number],
  ]
  fronts = {
    nginx: `https://127.0.0.1:${secure}`,
    haproxy: `https://127.0.0.1:${haproxy}`,
    caddy: `https://127.0.0.1:${caddy}`,
  }
  rtmp = { v1, v2 }
  whole = await startWhole({
    env: {
      NOWCAST_TRUSTED_PROXIES: '127.0.0.1',
      NOWCAST_LADDER: 'off',
    },
  })
  const { cert, key } = makeCertificate(dir.path, 'proxy')
  const edge = new URL(whole.edgeUrl).host
  const manager = new URL(whole.managerUrl).host
  const example = exampleWith('nginx/nowcast.conf', {
    'listen [::]:80;': '',
    'listen 80;': `listen 127.0.0.1:${plain};`,
    'listen [::]:443 ssl http2;': '',
    'listen 443 ': `listen 127.0.0.1:${secure} `,
    '/etc/letsencrypt/live/live.example/fullchain.pem': cert,
    '/etc/letsencrypt/live/live.example/privkey.pem': key,
    '/var/log/nginx/nowcast.log': join(dir.path, 'access.log'),
    '127.0.0.1:8088': edge,
    '127.0.0.1:8080': manager,
  })
  started.push(await startNginx(dir.path, example, secure))

  const both = join(dir.path, 'both.pem')
  writeFileSync(both, readFileSync(cert))
  appendFileSync(both, readFileSync(key))
  const ingest = new URL(whole.rtmpUrl).host
  const config = exampleWith('haproxy/haproxy.cfg', {
    'maxconn 40000': 'maxconn 200',
    '192.0.2.1:443 ssl crt /etc/haproxy/live.example.pem': `127.0.0.1:${haproxy} ssl crt ${both}`,
    'bind 192.0.2.1:1935': `bind 127.0.0.1:${v2}`,
    'bind 192.0.2.1:1936': `bind 127.0.0.1:${unused}`,
    'server edge 127.0.0.1:8088': `server edge ${edge}`,
    'server manager 127.0.0.1:8080': `server manager ${manager}`,
    'server ingest 127.0.0.1:1935': `server ingest ${ingest}`,
  })
  const firstVersion = `listen old\n  mode tcp\n  bind 127.0.0.1:${v1}\n  server ingest ${ingest} send-proxy\n`
  started.push(await startHaproxy(dir.path, `${config}\n${firstVersion}`, haproxy))

  const caddyfile = exampleWith('caddy/Caddyfile', {
    'live.example {': `https://127.0.0.1:${caddy} {\n\ttls ${cert} ${key}`,
    '127.0.0.1:8088': edge,
    '127.0.0.1:8080': manager,
  })
  started.push(await startCaddy(dir.path, caddyfile, caddy))

  const { streamKey } = await whole.api('POST', '/v1/channels', { slug: 'show' })
  started.push(startPublisher({ url: `rtmp://127.0.0.1:${v2}/live/${streamKey}`, size: '320x180' }))
  await whole.untilLive('show')
})
afterAll(async () => {
  // Not SIGKILL, which nginx's worker would survive.
  for (const each of started.toReversed()) await each.stop()
  await whole?.stop()
  dir.remove()
})

/** Returns the URI in the last line of a playlist that has one. */
const lastUri = (playlist: string) => playlist.split('\n').findLast((line) => /^[^#]/.test(line)) ?? ''

test.each(names)('viewers behind %s are counted one by one', async (front) => {
  const url = `${fronts[front]}/live/show/index.m3u8`
  const { body } = await get(url)
  const media = new URL(lastUri(body.toString()), url)
  // One user agent for all, so that only their addresses differ.
  const headers = { 'user-agent': `player behind ${front}`, 'x-forwarded-for': '203.0.113.9' }
  const before = await viewers()
  await waitFor(`${clients.length} more viewers`, async () => {
    for (const from of clients) expect((await get(media, { headers, from })).status).toBe(200)
    return (await viewers()) >= before + clients.length
  })
  expect(await viewers()).toBeLessThanOrEqual(before + clients.length + 1)
})

const viewers = async () => (await whole.api<ChannelView>('GET', '/v1/channels/show')).live?.viewers ?? 0

test.each(names)('a token that is bound to an address plays behind %s', async (front) => {
  const slug = `paid-${front}`
  await whole.api('POST', '/v1/channels', { slug, playback: 'signed' })
  const token = await whole.api<{ hls: string }>('POST', `/v1/channels/${slug}/playback-tokens`, {
    address: '127.0.0.3',
  })
  const path = new URL(token.hls).pathname
  const statusFrom = async (from: string, headers = {}) =>
    (await get(fronts[front] + path, { from, headers })).status
  // The channel is not live: 404 for who may watch.
  await waitFor('the edge to know the channel', async () => (await statusFrom('127.0.0.3')) === 404)
  expect(await statusFrom('127.0.0.4')).toBe(403)
  expect(await statusFrom('127.0.0.4', { 'x-forwarded-for': '127.0.0.3' })).toBe(403)
  expect(await statusFrom('127.0.0.4', { forwarded: 'for=127.0.0.3' })).toBe(403)
})

test.each(['v1', 'v2'] as const)('a publisher behind HAProxy has its own address: %s', async (version) => {
  const slug = `by-${version}`
  const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
  const publisher = await startRawPublisher(rtmp[version], streamKey, '127.0.0.9')
  const session = await waitFor('the session', async () => {
    const path = `/v1/sessions?channel=${slug}`
    return (await whole.api<{ items: SessionView[] }>('GET', path)).items[0]
  })
  expect(session.publisher.address).toBe('127.0.0.9')
  await publisher.vanish()
})

test.each(names)('metrics and health are not available through %s', async (front) => {
  for (const path of ['/metrics', '/healthz', '/readyz'])
    expect((await get(fronts[front] + path)).status, path).toBe(404)
  expect((await get(`${fronts[front]}/watch/show`)).status).toBe(200)
})

test('no playback token is in the access log of nginx', async () => {
  await get(`${fronts.nginx}/live/t/a-secret-token/show/index.m3u8?token=another-secret`)
  const log = await waitFor('a line in the log', () => {
    const text = readFileSync(join(dir.path, 'access.log'), 'utf8')
    return text.includes('/live/t/-/show/index.m3u8') && text
  })
  expect(log).not.toMatch(/secret/)
})
