import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { TokenRevocationView, TokenView } from '../../core/api/playback-token.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { createPlaybackTokens } from '../../core/playback/playback-token.ts'
import { clusterSecret, type EdgeLine, startEdgeLine, tokenKey } from '../kit/edge/edge-line.ts'
import { playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const pageUrl = 'https://watch.example'

let line: EdgeLine
let player: TempDir
let manager: TestManager

beforeAll(async () => {
  line = await startEdgeLine()
  player = makeTempDir()
  mkdirSync(join(player.path, 'assets'))
  writeFileSync(
    join(player.path, 'watch.html'),
    '<script type="application/json" id="nowcast-config">"__NOWCAST_CONFIG__"</script>',
  )
  const environment = {
    NOWCAST_CLUSTER_SECRET: clusterSecret,
    NOWCAST_PUBLIC_EDGE_URL: line.url,
    NOWCAST_PUBLIC_URL: pageUrl,
  }
  manager = await startTestManager(line.redis.url, environment, player.path)
})
afterAll(async () => {
  await manager?.close()
  await line?.close()
  player?.remove()
})

/**
 * Requests a URL at the edge. Returns the status and the body, for example `200 #first` or `403
 * token_missing`.
 */
async function edgeResponse(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await get(url, { headers })
  return `${status} ${body.toString().trim()}`
}

/** Creates a signed channel with a live session, and waits until the edge requires tokens for it. */
async function signedChannel(slug: string) {
  const channel = await manager.createChannel(slug, { playback: 'signed' })
  line.origin.on(`/live/${slug}/index.m3u8`, playlistReply(`#${slug}`, 60))
  await line.goLive(slug, { channelId: channel.id })
  await soon(() => edgeResponse(channel.playback.hls), '403 token_missing')
  return channel
}

/** Repeats a request until it gets the expected response, because changes reach an edge a little later. */
const soon = (response: () => Promise<string>, expected: string) =>
  waitFor(expected, async () => (await response()) === expected, { timeoutMs: 10_000, everyMs: 5 })

const makeToken = async (slug: string, body?: object) =>
  (await manager.post<TokenView>(`/v1/channels/${slug}/playback-tokens`, body)).body

test('creates a token that the edge accepts, and describes it', async () => {
  const { playback } = await signedChannel('first')
  expect(playback.mode).toBe('signed')
  const begun = Date.now()
  const { status, headers, body } = await manager.post<TokenView>('/v1/channels/first/playback-tokens')
  expect([status, headers['cache-control']]).toEqual([201, 'no-store'])
  expect(body).toEqual({
    id: expect.stringMatching(/^pt_[0-9a-z]{6,8}_[\w-]{11}$/),
    token: expect.stringMatching(/^\d+\.[\w-]+\.[\w-]{43}$/),
    expiresAt: expect.stringMatching(/Z$/),
    address: null,
    origins: null,
    hls: `${line.url}/live/t/${body.token}/first/index.m3u8`,
  })
  const lives = Date.parse(body.expiresAt) - begun
  expect(lives).toBeGreaterThanOrEqual(3_600_000)
  expect(lives).toBeLessThan(3_610_000)
  expect(await edgeResponse(body.hls)).toBe('200 #first')
})

test('restricts tokens to a time, an address and pages', async () => {
  await signedChannel('bound')
  const short = await makeToken('bound', { ttlSeconds: 1 })
  expect(await edgeResponse(short.hls)).toBe('200 #bound')
  await waitFor('its end', async () => (await edgeResponse(short.hls)) === '403 token_expired')
  const here = await makeToken('bound', { address: '127.0.0.0/24' })
  const elsewhere = await makeToken('bound', { address: '2001:db8::1' })
  expect(await edgeResponse(here.hls)).toBe('200 #bound')
  expect(await edgeResponse(elsewhere.hls)).toBe('403 token_of_other_address')
  const paged = await makeToken('bound', { origins: ['https://a.example'] })
  expect(await edgeResponse(paged.hls, { origin: 'https://a.example' })).toBe('200 #bound')
  expect(await edgeResponse(paged.hls, { origin: 'https://b.example' })).toBe('403 token_of_other_page')
})

test('revokes one token, or all issued so far, at once', async () => {
  await signedChannel('taken')
  const [one, other] = [await makeToken('taken'), await makeToken('taken')]
  expect((await manager.delete(`/v1/channels/taken/playback-tokens/${one.id}`)).status).toBe(204)
  await soon(() => edgeResponse(one.hls), '403 token_revoked')
  expect(await edgeResponse(other.hls)).toBe('200 #taken')
  const past = '2020-01-01T00:00:00Z'
  await manager.delete(`/v1/channels/taken/playback-tokens?issuedBefore=${past}`)
  const all = await manager.delete<TokenRevocationView>('/v1/channels/taken/playback-tokens')
  expect(all.status).toBe(200)
  await soon(() => edgeResponse(other.hls), '403 token_revoked')
  const next = await makeToken('taken')
  expect(await edgeResponse(next.hls)).toBe('200 #taken')
  // A revocation up to an earlier time does not undo a later one.
  const earlier = await manager.delete<TokenRevocationView>(
    `/v1/channels/taken/playback-tokens?issuedBefore=${past}`,
  )
  expect(earlier.body.revokedUntil).toBe(all.body.revokedUntil)
  expect(await edgeResponse(other.hls)).toBe('403 token_revoked')
})

test('closes and opens a channel while it is on air', async () => {
  const { id, playback } = await manager.createChannel('switched')
  expect(playback.mode).toBe('public')
  line.origin.on('/live/switched/index.m3u8', playlistReply('#switched', 60))
  await line.goLive('switched', { channelId: id })
  expect(await edgeResponse(playback.hls)).toBe('200 #switched')
  const { body: closed } = await manager.patch<ChannelView>('/v1/channels/switched', { playback: 'signed' })
  expect(closed.playback.mode).toBe('signed')
  await soon(() => edgeResponse(playback.hls), '403 token_missing')
  await manager.patch('/v1/channels/switched', { playback: 'public' })
  await soon(() => edgeResponse(playback.hls), '200 #switched')
})

test('the tokens of a deleted channel are invalid for the next channel with its slug', async () => {
  await signedChannel('reborn')
  const { hls } = await makeToken('reborn')
  expect(await edgeResponse(hls)).toBe('200 #reborn')
  await manager.delete('/v1/channels/reborn')
  expect(await edgeResponse(hls.replace(/t\/[^/]+\//, '')), 'until its session has ended').toBe(
    '403 token_missing',
  )
  await manager.post('/v1/channels', { slug: 'reborn', playback: 'signed' })
  await soon(() => edgeResponse(hls), '403 token_invalid')
})

test('the watch page gets a short-lived token of its own, and another on request', async () => {
  await signedChannel('paged')
  const visit = (url: string) => manager.get(url, { authorization: '' })
  const page = await visit('/watch/paged')
  expect(page.headers['cache-control']).toBe('no-store')
  const [, json = ''] = /nowcast-config">(.*?)</.exec(page.text) ?? []
  const { hls, renewAfterMs } = JSON.parse(json)
  expect(renewAfterMs).toBe(300_000)
  const next = await visit('/watch/paged/address')
  expect(next.headers['cache-control']).toBe('no-store')
  const renewed = JSON.parse(next.text)
  expect(renewed.hls).not.toBe(hls)
  for (const url of [hls, renewed.hls]) {
    expect(await edgeResponse(url, { origin: pageUrl })).toBe('200 #paged')
    expect(await edgeResponse(url), 'players that are no pages').toBe('200 #paged')
    expect(await edgeResponse(url, { origin: 'https://elsewhere.example' })).toBe('403 token_of_other_page')
    const [, token = ''] = /\/t\/([^/]+)\//.exec(url) ?? []
    const { expiresAt = 0, issuedAt = 0 } = createPlaybackTokens(tokenKey).read(token, Date.now()) ?? {}
    expect(expiresAt - issuedAt).toBe(15 * 60_000)
  }
  expect((await visit('/watch/nobody/address')).status).toBe(404)
})

test('the page of a public channel has no token and keeps its address', async () => {
  await manager.post('/v1/channels', { slug: 'open' })
  const { text } = await manager.get('/watch/open/address')
  expect(JSON.parse(text)).toEqual({
    hls: `${line.url}/live/open/index.m3u8`,
    others: [],
    renewAfterMs: null,
  })
})

test.each([
  [{ ttlSeconds: 0 }, 'ttlSeconds'],
  [{ ttlSeconds: 30 * 24 * 3600 + 1 }, 'ttlSeconds'],
  [{ address: '10.0.0.0/33' }, 'address'],
  [{ address: 'localhost' }, 'address'],
  [{ address: '::1/129' }, 'address'],
  [{ address: '10.0.0.0/8/8' }, 'address'],
  [{ address: 'fe80::1%eth0' }, 'address'],
  [{ origins: [] }, 'origins'],
  [{ origins: ['https://a.example/path'] }, 'origins.0'],
  [{ origins: ['*'] }, 'origins.0'],
  [{ origins: Array(9).fill('https://a.example') }, 'origins'],
  [{ channelId: 'c_other' }, 'channelId'],
])('a validation error names the field: %j', async (body, field) => {
  await manager.post('/v1/channels', { slug: 'checked' })
  const response = await manager.post<ProblemBody>('/v1/channels/checked/playback-tokens', body)
  expect([response.status, response.body.code, response.body.field]).toEqual([
    400,
    'validation_failed',
    field,
  ])
})

test('refuses unknown channels, and ids that are not of tokens', async () => {
  const id = 'pt_t8z0zz_AAAAAAAAAAA'
  expect((await manager.post('/v1/channels/nobody/playback-tokens')).status).toBe(404)
  expect((await manager.delete('/v1/channels/nobody/playback-tokens')).status).toBe(404)
  expect((await manager.delete(`/v1/channels/nobody/playback-tokens/${id}`)).status).toBe(404)
  await manager.post('/v1/channels', { slug: 'known' })
  expect((await manager.delete('/v1/channels/known/playback-tokens/other')).status).toBe(400)
  const patched = await manager.patch<ProblemBody>('/v1/channels/known', { playback: 'closed' })
  expect([patched.status, patched.body.field]).toEqual([400, 'playback'])
})

test('keeps tokens out of its log', async () => {
  await signedChannel('quiet')
  const { id, token } = await makeToken('quiet')
  await manager.delete(`/v1/channels/quiet/playback-tokens/${id}`)
  await manager.get(`/v1/channels/quiet/playback-tokens/${token}`)
  await manager.get(`/watch/${token}`)
  expect(manager.logged()).toContain('playback token revoked')
  expect(manager.logged()).not.toContain(token)
})
