import type { IncomingHttpHeaders } from 'node:http'
import { expect, test, vi } from 'vitest'
import { createPlaybackTokens, newTokenId, type PlaybackClaims } from '../../core/playback/playback-token.ts'
import { newClient } from '../http/exchange.ts'
import { createAccess } from './access.ts'
import { createTokenVerifier, pageOf } from './token-verifier.ts'

const tokens = createPlaybackTokens('a secret')
const expiresAt = Date.now() + 3_600_000
const sign = (change: Partial<PlaybackClaims> = {}) =>
  tokens.sign({ id: newTokenId(expiresAt), channelId: 'c_1', issuedAt: Date.now(), expiresAt, ...change })
const signed = new Map([['show', { channelId: 'c_1', revokedUntil: 0 }]])
const rules = { areKnown: true, signed, revoked: new Map<string, number>() }

/**
 * Opens a connection. `ask` checks one request on it, and returns `passes` or the reason of a refusal. `read`
 * is called for each token that is verified.
 */
function openConnection(address = '192.0.2.7') {
  const read = vi.fn(tokens.read)
  const access = createAccess(rules, createTokenVerifier({ read }), 'a secret')
  const client = newClient(address)
  const request = { target: '', token: 'of the previous request', headers: {} as IncomingHttpHeaders, client }
  return {
    read,
    ask(target: string, headers: IncomingHttpHeaders = {}) {
      Object.assign(request, { target, headers })
      const slug = access.takeToken(request).split('/')[2] ?? ''
      return access.refusal(request, slug)?.reason ?? 'passes'
    },
  }
}

test('a token is verified once per connection and never counts for a request without one', () => {
  const { ask, read } = openConnection()
  const target = `/live/t/${sign()}/show/index.m3u8`
  expect([ask(target), ask(target), ask('/live/show/index.m3u8'), ask(target)]).toEqual([
    'passes',
    'passes',
    'token_missing',
    'passes',
  ])
  expect(read).toHaveBeenCalledTimes(1)
  expect(ask('/live/open/index.m3u8')).toBe('passes')
})

test('another edge passes with the peer key and nothing similar', () => {
  const { ask } = openConnection()
  const by = (authorization: string) => ask('/live/show/index.m3u8', { authorization })
  expect(by('Bearer a secret')).toBe('passes')
  for (const other of ['Bearer', 'Bearer ', 'Bearer a secre', 'Bearer a secret ', 'a secret'])
    expect(by(other), other).toBe('token_missing')
  expect(ask('/live/t/1.a.b/show/index.m3u8', { authorization: 'Bearer a secret' })).toBe('token_invalid')
})

test('an address is compared in any notation', () => {
  const of = (address: string, client: string) =>
    openConnection(client).ask(`/live/t/${sign({ address })}/show/index.m3u8`)
  expect(of('192.0.2.7', '::ffff:192.0.2.7')).toBe('passes')
  expect(of('192.0.2.0/25', '192.0.2.127')).toBe('passes')
  expect(of('192.0.2.0/25', '192.0.2.128')).toBe('token_of_other_address')
  expect(of('2001:db8::/32', '2001:0db8:1::1')).toBe('passes')
  expect(of('2001:db8::1', '2001:db8::2')).toBe('token_of_other_address')
  expect(of('192.0.2.7', ''), 'a client that is gone').toBe('token_of_other_address')
})

test('a token that is revoked or expires between two requests is refused from then on', () => {
  vi.useFakeTimers()
  const { ask } = openConnection()
  const id = newTokenId(expiresAt)
  const target = `/live/t/${sign({ id, expiresAt: Date.now() + 1000 })}/show/index.m3u8`
  expect(ask(target)).toBe('passes')
  rules.revoked.set(id, expiresAt)
  expect(ask(target)).toBe('token_revoked')
  rules.revoked.clear()
  vi.advanceTimersByTime(1000)
  expect(ask(target)).toBe('token_expired')
  vi.useRealTimers()
})

test('valid tokens are remembered up to a limit, invalid ones never', () => {
  const verifier = createTokenVerifier(tokens, 4)
  for (let count = 0; count < 10; count += 1) {
    verifier.verify(sign())
    verifier.verify(`1.${count}.x`)
  }
  expect(verifier.size).toBeGreaterThanOrEqual(2)
  expect(verifier.size).toBeLessThanOrEqual(4)
})

test.each([
  [{ origin: 'https://a.example', referer: 'https://b.example/' }, 'https://a.example'],
  [{ referer: 'https://B.example:8443/watch?x=https://a.example' }, 'https://b.example:8443'],
  [{ referer: 'https://a.example@b.example/' }, 'https://a.example@b.example'],
  [{ referer: 'about:blank' }, 'about:blank'],
  [{ origin: 'null' }, 'null'],
  [{}, 'none'],
])('the page of %j', (headers, page) => {
  expect(pageOf(headers)).toBe(page)
})
