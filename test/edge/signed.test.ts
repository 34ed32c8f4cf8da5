import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multivariantPath, signedMultivariantPath } from '../../core/media-paths.ts'
import type { PlaybackRules } from '../../core/playback-rules.ts'
import { createPlaybackTokens, newTokenId, type PlaybackClaims } from '../../core/playback-token.ts'
import { waitFor } from '../harness/wait-for.ts'
import { type Ask, get, sendRaw } from './client.ts'
import { clusterSecret, type EdgeLine, startEdgeLine } from './edge-line.ts'
import { mediaReply, playlistReply } from './test-origin.ts'

const tokens = createPlaybackTokens(clusterSecret)
const signed = { channelId: 'c_paid', revokedUntil: 0 }

let line: EdgeLine
let version = 0
let base: string

/** Tells the edge rules as a manager does; it hears of them in its own time. */
function tell(rules: Partial<PlaybackRules>) {
  version += 1
  return line.rules.put({ signed: { paid: signed }, revoked: {}, ...rules }, `version ${version}`)
}

function tokenOf(change: Partial<PlaybackClaims> = {}): string {
  const issuedAt = Date.now() - 1000
  const expiresAt = issuedAt + 3_600_000
  return tokens.sign({ id: newTokenId(expiresAt), channelId: 'c_paid', issuedAt, expiresAt, ...change })
}

const withToken = (path: string, token: string) => path.replace('/live/', `/live/t/${token}/`)
async function ask(path: string, options: Ask = {}) {
  const { status, headers, body } = await get(line.url + path, options)
  return { status, headers, text: body.toString().trim() }
}
/** Status and words for the channel's multivariant playlist. */
async function answerTo(token: string, options: Ask = {}) {
  const { status, text } = await ask(signedMultivariantPath('paid', token), options)
  return `${status} ${text}`
}

beforeAll(async () => {
  line = await startEdgeLine()
  await tell({})
  base = (await line.goLive('paid')).base
  line.origin.on(multivariantPath('paid'), playlistReply('#paid', 60))
  line.origin.on(`${base}/720p.m3u8`, playlistReply('#playlist', 60))
  for (const media of ['1/720p/init.mp4', '1/720p/1.m4s', '1/720p/2.0.m4s'])
    line.origin.on(`${base}/${media}`, mediaReply(Buffer.from(media)))
  await waitFor('the rules', async () => (await ask(multivariantPath('paid'))).status === 403)
})
afterAll(() => line.close())

const media = () =>
  ['720p.m3u8', '1/720p/init.mp4', '1/720p/1.m4s', '1/720p/2.0.m4s'].map((uri) => `${base}/${uri}`)

test('with a token in the path everything is served, and the token is not in the key', async () => {
  const [one, two] = [tokenOf(), tokenOf()]
  for (const path of [multivariantPath('paid'), ...media()]) {
    const first = await ask(withToken(path, one))
    expect([first.status, first.headers['access-control-allow-origin']], path).toEqual([200, '*'])
    // What is for whoever has a token is for no cache on the way.
    expect(first.headers['cache-control'], path).toMatch(/^private, /)
    expect((await ask(withToken(path, two))).text, path).toBe(first.text)
    expect(line.origin.asked(path), path).toBe(1)
  }
  expect(line.origin.targets.join()).not.toContain('/t/')
})

test('without a token nothing is served, not even what lies in memory', async () => {
  for (const path of [multivariantPath('paid'), ...media()]) {
    await ask(withToken(path, tokenOf()))
    const asked = line.origin.asked(path)
    for (const method of ['GET', 'HEAD']) {
      const refused = await ask(path, { method })
      expect([refused.status, refused.headers['cache-control']], path).toEqual([403, 'no-store'])
      expect(refused.text).toBe(method === 'GET' ? 'token_missing' : '')
    }
    expect((await ask(path, { headers: { 'if-none-match': '*', range: 'bytes=0-1' } })).status).toBe(403)
    expect(line.origin.asked(path)).toBe(asked)
  }
  expect((await ask(`${base}/1/720p/77.m4s`)).status, 'nor asked for').toBe(403)
  expect(line.origin.asked(`${base}/1/720p/77.m4s`)).toBe(0)
})

test('a held reload is held with a token, and refused at once without', async () => {
  const target = `${base}/720p.m3u8?_HLS_msn=3&_HLS_part=0`
  line.origin.on(target, (response) => void setTimeout(() => response.end('#next'), 200))
  expect((await ask(target)).text).toBe('token_missing')
  expect(line.origin.asked(target)).toBe(0)
  expect((await ask(withToken(target, tokenOf()))).text).toBe('#next')
})

test('each fault of a token has its word, told for tokens of ours alone', async () => {
  const now = Date.now()
  expect(await answerTo(tokenOf())).toBe('200 #paid')
  expect(await answerTo(tokenOf({ expiresAt: now - 1 }))).toBe('403 token_expired')
  expect(await answerTo(tokenOf({ channelId: 'c_other' }))).toBe('403 token_invalid')
  expect(await answerTo(tokenOf({ channelId: 'c_other', expiresAt: now - 1 }))).toBe('403 token_invalid')
  const foreign = createPlaybackTokens('another cluster secret')
  const expiresAt = now + 1000
  const claims = { id: newTokenId(expiresAt), channelId: 'c_paid', issuedAt: now, expiresAt }
  expect(await answerTo(foreign.sign(claims))).toBe('403 token_invalid')
})

test('a token of one address or subnet is for clients there', async () => {
  expect(await answerTo(tokenOf({ address: '127.0.0.1' }))).toBe('200 #paid')
  expect(await answerTo(tokenOf({ address: '127.0.0.0/8' }))).toBe('200 #paid')
  for (const address of ['192.0.2.7', '10.0.0.0/8', '::1', '2001:db8::/32'])
    expect(await answerTo(tokenOf({ address })), address).toBe('403 token_of_other_address')
})

test('a token of some pages plays there alone', async () => {
  const token = tokenOf({ origins: ['https://a.example', 'https://b.example:8443'] })
  for (const headers of [
    { origin: 'https://a.example' },
    { origin: 'https://b.example:8443' },
    { referer: 'https://a.example/some/page?q=1' },
  ])
    expect(await answerTo(token, { headers }), JSON.stringify(headers)).toBe('200 #paid')
  for (const headers of [
    {},
    { origin: 'null' },
    { origin: 'http://a.example' },
    { origin: 'https://a.example.evil.example' },
    { origin: 'https://evil.example', referer: 'https://a.example/' },
    { referer: 'https://a.example@evil.example/' },
    { referer: 'https://evil.example/https://a.example/' },
    { referer: 'about:blank' },
  ] as Record<string, string>[])
    expect(await answerTo(token, { headers }), JSON.stringify(headers)).toBe('403 token_of_other_page')
  const alsoApps = tokenOf({ origins: ['https://a.example', 'none'] })
  expect(await answerTo(alsoApps)).toBe('200 #paid')
  expect(await answerTo(alsoApps, { headers: { origin: 'none' } }), 'a page cannot be called so').toBe(
    '200 #paid',
  )
})

test('hostile tokens are refused, whatever is wrong with them, and open no other path', async () => {
  const good = tokenOf()
  const [period = '', payload = '', mac = ''] = good.split('.')
  const flip = (text: string, at: number) =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
  const asOther = Buffer.from(payload, 'base64url').toString().replace('c_paid', 'c_free')
  const hostile = [
    good.slice(0, -1),
    good.slice(0, -10),
    good.slice(0, good.length / 2),
    `${good}A`,
    `${good}=`,
    period,
    `${period}.${payload}`,
    `${period}.${payload}.`,
    `${period}..${mac}`,
    `.${payload}.${mac}`,
    `.${'..'}.`,
    `${Number(period) + 1}.${payload}.${mac}`,
    `0.${payload}.${mac}`,
    `999999.${payload}.${mac}`,
    `0${period}.${payload}.${mac}`,
    `${period}.${Buffer.from(asOther).toString('base64url')}.${mac}`,
    `${period}.${payload}.${'A'.repeat(43)}`,
    `${period}.${payload.replace(/.$/, '+')}.${mac}`,
    `${period}.${'!'.repeat(100)}.${mac}`,
    `${period}.${'A'.repeat(2000)}.${mac}`,
    'A'.repeat(7000),
    'x',
    '__proto__',
    good.toUpperCase(),
    ...Array.from({ length: 60 }, (_, i) => flip(good, Math.floor((i * good.length) / 60))),
    // The last character of base64url has bits that mean nothing: still it is another token.
    ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(
      (last) => good.slice(0, -1) + last,
    ),
  ].filter((token) => token !== good)
  for (const token of hostile) {
    const answer = await ask(withToken(`${base}/720p.m3u8`, token))
    expect([answer.status, answer.text], token.slice(0, 80)).toEqual([403, 'token_invalid'])
  }
  const session = base.slice('/live/paid/'.length)
  const tricks = [
    `/live/t/${good}`,
    `/live/t/${good}/`,
    `/live/t/${good}/paid`,
    `/live/t/${good}//paid/index.m3u8`,
    `/live/t/${good}/./paid/index.m3u8`,
    `/live/t/${good}/../paid/index.m3u8`,
    `/live/t/${good}/t/${good}/paid/index.m3u8`,
    `/live/t/${good}/live/paid/index.m3u8`,
    `/live/t/%2e%2e/paid/index.m3u8`,
    `/live/t/../paid/index.m3u8`,
    `/live/t/${good}%2fpaid/index.m3u8`,
    `/live/t//${good}/paid/index.m3u8`,
    `/live/T/${good}/paid/index.m3u8`,
    `/live/t/${good}/other/${session}/720p.m3u8`,
    `/live/paid/t/${good}/index.m3u8`,
    `/t/${good}/live/paid/index.m3u8`,
    `/live/t/${good}?/paid/index.m3u8`,
  ]
  for (const path of tricks) {
    const answer = await sendRaw(line.url, `GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`)
    expect(answer, path).toMatch(/^HTTP\/1\.1 40[34] /)
    expect(answer, path).not.toContain('#')
  }
})

test('the token of one channel opens no other, on one connection or on several', async () => {
  await tell({ signed: { paid: signed, second: { channelId: 'c_second', revokedUntil: 0 } } })
  const second = await line.goLive('second')
  line.origin.on(`${second.base}/720p.m3u8`, playlistReply('#second', 60))
  await waitFor('the rules', async () => (await ask(multivariantPath('second'))).status === 403)
  const mine = tokenOf()
  const theirs = tokenOf({ channelId: 'c_second' })
  expect((await ask(withToken(`${second.base}/720p.m3u8`, theirs))).text).toBe('#second')
  const requests = [
    [withToken(`${base}/720p.m3u8`, mine), 200],
    [withToken(`${second.base}/720p.m3u8`, mine), 403],
    [`${base}/720p.m3u8`, 403],
    [withToken(`${second.base}/720p.m3u8`, theirs), 200],
    [withToken(`${base}/720p.m3u8`, theirs), 403],
    [withToken(`${second.base.replace('second', 'paid')}/720p.m3u8`, mine), 404],
  ] as const
  const statuses = await overOneConnection(requests.map(([path]) => path))
  expect(statuses).toEqual(requests.map(([, status]) => status))
})

/** The statuses of requests sent one after the other on one connection. */
async function overOneConnection(paths: readonly string[]): Promise<number[]> {
  const { hostname, port } = new URL(line.url)
  const socket = connect(Number(port), hostname)
  const statuses: number[] = []
  try {
    for (const path of paths) {
      const answered = new Promise<string>((resolve, reject) => {
        socket.once('data', (chunk) => resolve(chunk.toString('latin1')))
        socket.once('error', reject)
      })
      socket.write(`GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`)
      statuses.push(Number((await answered).slice(9, 12)))
    }
  } finally {
    socket.destroy()
  }
  return statuses
}

test('a channel that becomes signed is closed, also to who waits; public again, it is open', async () => {
  const { base: free } = await line.goLive('free')
  const held = `${free}/720p.m3u8?_HLS_msn=9`
  let answer = () => {}
  line.origin.on(`${free}/720p.m3u8`, playlistReply('#free', 60))
  line.origin.on(held, (response) => {
    answer = () => void response.end('#held')
  })
  expect((await ask(`${free}/720p.m3u8`)).text).toBe('#free')
  const waiting = ask(held)
  await line.origin.whenAsked(held)
  await tell({ signed: { paid: signed, free: { channelId: 'c_free', revokedUntil: 0 } } })
  await waitFor('it to be closed', async () => (await ask(`${free}/720p.m3u8`)).status === 403, {
    timeoutMs: 10_000,
    everyMs: 5,
  })
  answer()
  expect((await waiting).text).toBe('token_missing')
  await tell({})
  await waitFor('it to be open', async () => (await ask(`${free}/720p.m3u8`)).status === 200, {
    timeoutMs: 10_000,
    everyMs: 5,
  })
  // Who came with a token goes on, whatever becomes of the token.
  expect((await ask(withToken(`${free}/720p.m3u8`, tokenOf({ expiresAt: 1 })))).text).toBe('#free')
})

test('one token is revoked, or all of a channel up to a time', async () => {
  const expiresAt = Date.now() + 60_000
  const ids = [newTokenId(expiresAt), newTokenId(expiresAt)] as const
  const [one, other] = ids.map((id) => tokenOf({ id, expiresAt })) as [string, string]
  expect([await answerTo(one), await answerTo(other)]).toEqual(['200 #paid', '200 #paid'])
  await tell({ revoked: { [ids[0]]: expiresAt } })
  await waitFor('the refusal', async () => (await answerTo(one)) === '403 token_revoked', { everyMs: 5 })
  expect(await answerTo(other)).toBe('200 #paid')
  const until = Date.now()
  await tell({ signed: { paid: { ...signed, revokedUntil: until } } })
  await waitFor('the refusal', async () => (await answerTo(other)) === '403 token_revoked', { everyMs: 5 })
  expect(await answerTo(tokenOf({ issuedAt: until + 1 }))).toBe('200 #paid')
})

test('a message that is lost is made up for', async () => {
  const expiresAt = Date.now() + 60_000
  const id = newTokenId(expiresAt)
  const token = tokenOf({ id, expiresAt, issuedAt: Date.now() + 1 })
  expect(await answerTo(token)).toBe('200 #paid')
  await line.redis.restart()
  await waitFor('the rules to be written', () =>
    tell({ revoked: { [id]: expiresAt } }).then(
      () => true,
      () => false,
    ),
  )
  await waitFor('the refusal', async () => (await answerTo(token)) === '403 token_revoked')
})

test('while Redis is away, and when it comes back empty, signed stays signed and revoked stays revoked', async () => {
  const expiresAt = Date.now() + 60_000
  const id = newTokenId(expiresAt)
  const issuedAt = Date.now() + 1
  const revoked = tokenOf({ id, expiresAt, issuedAt })
  await tell({ revoked: { [id]: expiresAt } })
  await waitFor('the refusal', async () => (await answerTo(revoked)) === '403 token_revoked')
  await line.redis.kill()
  const good = tokenOf({ issuedAt })
  const states = async () => [
    await answerTo(good),
    await answerTo(revoked),
    (await ask(multivariantPath('paid'))).text,
  ]
  const expected = ['200 #paid', '403 token_revoked', 'token_missing']
  expect(await states()).toEqual(expected)
  await line.redis.restart()
  await delay(1500)
  expect(await states()).toEqual(expected)
})
