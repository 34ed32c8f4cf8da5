import { expect, test } from 'vitest'
import { createPlaybackTokens } from '../../core/playback/playback-token.ts'
import { createTokenIssuer } from './token-issuer.ts'
import { createWatchPaths } from './watch-path.ts'

const now = 1_800_000_000_000
const tokens = createPlaybackTokens('a secret')
const issueToken = createTokenIssuer(tokens, () => now)
const channel = { id: 'c_1', slug: 'show', playback: 'signed', tokensRevokedUntil: 0 } as const

/** Reads the token in `/live/t/<token>/show/index.m3u8`. */
const claimsIn = (path: string) => tokens.read(path.split('/')[3] ?? '', now)

test('the path of a public channel has no token', () => {
  expect(createWatchPaths(issueToken, undefined)({ ...channel, playback: 'public' })).toEqual({
    path: '/live/show/index.m3u8',
    renewAfterMs: null,
  })
})

test('a token stays valid long after it should be renewed', () => {
  const { path, renewAfterMs } = createWatchPaths(issueToken, undefined)(channel)
  expect(path).toMatch(/^\/live\/t\/[^/]+\/show\/index\.m3u8$/)
  const { expiresAt = 0, origins, channelId } = claimsIn(path) ?? {}
  expect([expiresAt - now, renewAfterMs]).toEqual([900_000, 300_000])
  expect([origins, channelId], 'any page, because the page URL is not configured').toEqual([undefined, 'c_1'])
})

test('with a configured page URL, a token is for this page and for players that send no origin', () => {
  const { path } = createWatchPaths(issueToken, 'https://watch.example/below')(channel)
  expect(claimsIn(path)?.origins).toEqual(['https://watch.example', 'none'])
})

test('a new token is never issued at a revoked time, whatever the clock says', () => {
  const { issuedAt, expiresAt } = issueToken({ id: 'c_1', tokensRevokedUntil: now + 5000 }, 1000)
  expect([issuedAt, expiresAt]).toEqual([now + 5001, now + 6001])
})
