import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPlaybackTokens } from '../../core/playback/playback-token.ts'
import { get } from '../edge/client.ts'
import { clusterSecret, type EdgeLine, startEdgeLine } from '../edge/edge-line.ts'
import { playlistReply } from '../edge/test-origin.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { build, type Fixture } from './fixture.ts'

const pageUrl = 'https://watch.example'

let line: EdgeLine
let player: TempDir
let manager: Fixture

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
  manager = await build(line.redis.url, environment, player.path)
})
afterAll(async () => {
  await manager?.close()
  await line?.close()
  player?.remove()
})

/** What the edge answers, in short. */
async function edgeAnswer(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await get(url, { headers })
  return `${status} ${body.toString().trim()}`
}

/** A signed channel on the air. */
async function signedChannel(slug: string) {
  const { body } = await manager.call('POST', '/v1/channels', { slug, playback: 'signed' })
  line.origin.on(`/live/${slug}/index.m3u8`, playlistReply(`#${slug}`, 60))
  await line.goLive(slug, { channelId: body.id })
  await soon(() => edgeAnswer(body.playback.hls), '403 token_missing')
  return body
}

/** Waits for the edge to hear of a change. */
const soon = (answer: () => Promise<string>, expected: string) =>
  waitFor(expected, async () => (await answer()) === expected, { timeoutMs: 10_000, everyMs: 5 })

const makeToken = async (slug: string, body?: object) =>
  (await manager.call('POST', `/v1/channels/${slug}/playback-tokens`, body)).body

it('makes a token that the edge takes, and says what it is', async () => {
  const { playback } = await signedChannel('first')
  expect(playback.mode).toBe('signed')
  const begun = Date.now()
  const { status, headers, body } = await manager.call('POST', '/v1/channels/first/playback-tokens')
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
  expect(await edgeAnswer(body.hls)).toBe('200 #first')
})

it('binds tokens to a time, an address, and pages', async () => {
  await signedChannel('bound')
  const short = await makeToken('bound', { ttlSeconds: 1 })
  expect(await edgeAnswer(short.hls)).toBe('200 #bound')
  await waitFor('its end', async () => (await edgeAnswer(short.hls)) === '403 token_expired')
  const here = await makeToken('bound', { address: '127.0.0.0/24' })
  const elsewhere = await makeToken('bound', { address: '2001:db8::1' })
  expect(await edgeAnswer(here.hls)).toBe('200 #bound')
  expect(await edgeAnswer(elsewhere.hls)).toBe('403 token_of_other_address')
  const paged = await makeToken('bound', { origins: ['https://a.example'] })
  expect(await edgeAnswer(paged.hls, { origin: 'https://a.example' })).toBe('200 #bound')
  expect(await edgeAnswer(paged.hls, { origin: 'https://b.example' })).toBe('403 token_of_other_page')
})

it('revokes one token, or all so far, at once', async () => {
  await signedChannel('taken')
  const [one, other] = [await makeToken('taken'), await makeToken('taken')]
  expect((await manager.call('DELETE', `/v1/channels/taken/playback-tokens/${one.id}`)).status).toBe(204)
  await soon(() => edgeAnswer(one.hls), '403 token_revoked')
  expect(await edgeAnswer(other.hls)).toBe('200 #taken')
  const past = '2020-01-01T00:00:00Z'
  await manager.call('DELETE', `/v1/channels/taken/playback-tokens?issuedBefore=${past}`)
  const all = await manager.call('DELETE', '/v1/channels/taken/playback-tokens')
  expect(all.status).toBe(200)
  await soon(() => edgeAnswer(other.hls), '403 token_revoked')
  const next = await makeToken('taken')
  expect(await edgeAnswer(next.hls)).toBe('200 #taken')
  // Nothing said later takes a revocation back.
  const earlier = await manager.call('DELETE', `/v1/channels/taken/playback-tokens?issuedBefore=${past}`)
  expect(earlier.body.revokedUntil).toBe(all.body.revokedUntil)
  expect(await edgeAnswer(other.hls)).toBe('403 token_revoked')
})

it('closes and opens a channel while it is on the air', async () => {
  const { body } = await manager.call('POST', '/v1/channels', { slug: 'switched' })
  expect(body.playback.mode).toBe('public')
  line.origin.on('/live/switched/index.m3u8', playlistReply('#switched', 60))
  await line.goLive('switched', { channelId: body.id })
  expect(await edgeAnswer(body.playback.hls)).toBe('200 #switched')
  const { body: closed } = await manager.call('PATCH', '/v1/channels/switched', { playback: 'signed' })
  expect(closed.playback.mode).toBe('signed')
  await soon(() => edgeAnswer(body.playback.hls), '403 token_missing')
  await manager.call('PATCH', '/v1/channels/switched', { playback: 'public' })
  await soon(() => edgeAnswer(body.playback.hls), '200 #switched')
})

it('keeps the tokens of a removed channel from the next one of its name', async () => {
  await signedChannel('reborn')
  const { hls } = await makeToken('reborn')
  expect(await edgeAnswer(hls)).toBe('200 #reborn')
  await manager.call('DELETE', '/v1/channels/reborn')
  expect(await edgeAnswer(hls.replace(/t\/[^/]+\//, '')), 'until it is off the air').toBe('403 token_missing')
  await manager.call('POST', '/v1/channels', { slug: 'reborn', playback: 'signed' })
  await soon(() => edgeAnswer(hls), '403 token_invalid')
})

it('gives the watch page a short token of its own, and another when asked', async () => {
  await signedChannel('paged')
  const visit = (url: string) => manager.call('GET', url, undefined, { authorization: '' })
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
    expect(await edgeAnswer(url, { origin: pageUrl })).toBe('200 #paged')
    expect(await edgeAnswer(url), 'players that are no pages').toBe('200 #paged')
    expect(await edgeAnswer(url, { origin: 'https://elsewhere.example' })).toBe('403 token_of_other_page')
    const [, token = ''] = /\/t\/([^/]+)\//.exec(url) ?? []
    const { expiresAt = 0, issuedAt = 0 } = createPlaybackTokens(clusterSecret).read(token, Date.now()) ?? {}
    expect(expiresAt - issuedAt).toBe(15 * 60_000)
  }
  expect((await visit('/watch/nobody/address')).status).toBe(404)
})

it('an open channel has no token in its page and keeps its address', async () => {
  await manager.call('POST', '/v1/channels', { slug: 'open' })
  const { text } = await manager.call('GET', '/watch/open/address')
  expect(JSON.parse(text)).toEqual({
    hls: `${line.url}/live/open/index.m3u8`,
    others: [],
    renewAfterMs: null,
  })
})

it.each([
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
])('names the field that is wrong: %j', async (body, field) => {
  await manager.call('POST', '/v1/channels', { slug: 'checked' })
  const answer = await manager.call('POST', '/v1/channels/checked/playback-tokens', body)
  expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'validation_failed', field])
})

it('knows no tokens of channels that are not there, and no other ids', async () => {
  const id = 'pt_t8z0zz_AAAAAAAAAAA'
  expect((await manager.call('POST', '/v1/channels/nobody/playback-tokens')).status).toBe(404)
  expect((await manager.call('DELETE', '/v1/channels/nobody/playback-tokens')).status).toBe(404)
  expect((await manager.call('DELETE', `/v1/channels/nobody/playback-tokens/${id}`)).status).toBe(404)
  await manager.call('POST', '/v1/channels', { slug: 'known' })
  expect((await manager.call('DELETE', '/v1/channels/known/playback-tokens/other')).status).toBe(400)
  const patched = await manager.call('PATCH', '/v1/channels/known', { playback: 'closed' })
  expect([patched.status, patched.body.field]).toEqual([400, 'playback'])
})

it('keeps tokens out of its log, its database and Redis', async () => {
  await signedChannel('quiet')
  const { id, token } = await makeToken('quiet')
  await manager.call('DELETE', `/v1/channels/quiet/playback-tokens/${id}`)
  await manager.call('GET', `/v1/channels/quiet/playback-tokens/${token}`)
  await manager.call('GET', `/watch/${token}`)
  expect(manager.logged()).toContain('playback token revoked')
  expect(manager.logged()).not.toContain(token)
})
