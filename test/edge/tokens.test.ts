import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPlaybackTokens, newTokenId } from '../../core/playback/playback-token.ts'
import { type SignedChannel, startSignedChannel, tokenOf, withToken } from '../kit/edge/signed-channel.ts'
import { sendRaw } from '../kit/http/raw-connection.ts'

let channel: SignedChannel
beforeAll(async () => {
  channel = await startSignedChannel()
})
afterAll(() => channel.close())

test('each fault of a token has its own reason, but only for tokens issued here', async () => {
  const now = Date.now()
  expect(await channel.responseTo(tokenOf())).toBe('200 #paid')
  expect(await channel.responseTo(tokenOf({ expiresAt: now - 1 }))).toBe('403 token_expired')
  expect(await channel.responseTo(tokenOf({ channelId: 'c_other' }))).toBe('403 token_invalid')
  expect(await channel.responseTo(tokenOf({ channelId: 'c_other', expiresAt: now - 1 }))).toBe(
    '403 token_invalid',
  )
  const foreign = createPlaybackTokens('another token key')
  const expiresAt = now + 1000
  const claims = { id: newTokenId(expiresAt), channelId: 'c_paid', issuedAt: now, expiresAt }
  expect(await channel.responseTo(foreign.sign(claims))).toBe('403 token_invalid')
})

test('a token for one address or subnet is valid for clients there only', async () => {
  expect(await channel.responseTo(tokenOf({ address: '127.0.0.1' }))).toBe('200 #paid')
  expect(await channel.responseTo(tokenOf({ address: '127.0.0.0/8' }))).toBe('200 #paid')
  for (const address of ['192.0.2.7', '10.0.0.0/8', '::1', '2001:db8::/32'])
    expect(await channel.responseTo(tokenOf({ address })), address).toBe('403 token_of_other_address')
})

test('a token for some pages is valid there only', async () => {
  const token = tokenOf({ origins: ['https://a.example', 'https://b.example:8443'] })
  for (const headers of [
    { origin: 'https://a.example' },
    { origin: 'https://b.example:8443' },
    { referer: 'https://a.example/some/page?q=1' },
  ])
    expect(await channel.responseTo(token, { headers }), JSON.stringify(headers)).toBe('200 #paid')
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
    expect(await channel.responseTo(token, { headers }), JSON.stringify(headers)).toBe(
      '403 token_of_other_page',
    )
  const alsoApps = tokenOf({ origins: ['https://a.example', 'none'] })
  expect(await channel.responseTo(alsoApps)).toBe('200 #paid')
  expect(await channel.responseTo(alsoApps, { headers: { origin: 'none' } }), 'no page has this origin').toBe(
    '200 #paid',
  )
})

test('hostile tokens are refused whatever is wrong with them, and reach no other path', async () => {
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
    // Some bits of the last base64url character are unused. A token that differs only in these bits is
    // refused too.
    ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(
      (last) => good.slice(0, -1) + last,
    ),
  ].filter((token) => token !== good)
  for (const token of hostile) {
    const response = await channel.ask(withToken(`${channel.base}/720p.m3u8`, token))
    expect([response.status, response.text], token.slice(0, 80)).toEqual([403, 'token_invalid'])
  }
  const session = channel.base.slice('/live/paid/'.length)
  const tricks = [
    `/live/t/${good}`,
    `/live/t/${good}/`,
    `/live/t/${good}/paid`,
    `/live/t/${good}/./paid/index.m3u8`,
    `/live/t/${good}/../paid/index.m3u8`,
    `/live/t/${good}/t/${good}/paid/index.m3u8`,
    `/live/t/${good}/live/paid/index.m3u8`,
    `/live/t/%2e%2e/paid/index.m3u8`,
    `/live/t/../paid/index.m3u8`,
    `/live/t/${good}%2fpaid/index.m3u8`,
    `/live/T/${good}/paid/index.m3u8`,
    `/live/t/${good}/other/${session}/720p.m3u8`,
    `/live/paid/t/${good}/index.m3u8`,
    `/t/${good}/live/paid/index.m3u8`,
    `/live/t/${good}?/paid/index.m3u8`,
  ]
  for (const path of tricks) {
    const response = await sendRaw(channel.url, `GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`, /\r\n\r\n/)
    expect(response, path).toMatch(/^HTTP\/1\.1 40[34] /)
    expect(response, path).not.toContain('#')
  }
})
