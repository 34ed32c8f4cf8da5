import { expect, test } from 'vitest'
import { createPlaybackTokens } from '../../core/playback/playback-token.ts'
import { createTokenMaker } from './token-maker.ts'
import { createWatchPagePass } from './watch-page-pass.ts'

const now = 1_800_000_000_000
const tokens = createPlaybackTokens('a secret')
const makeToken = createTokenMaker(tokens, () => now)
const channel = { id: 'c_1', slug: 'show', playback: 'signed', tokensRevokedUntil: 0 } as const

/** What the token in a path says. */
const claimsIn = (path: string) => tokens.read(path.split('/')[3] ?? '', now)

test('an open channel needs nothing', () => {
  expect(createWatchPagePass(makeToken, undefined)({ ...channel, playback: 'public' })).toEqual({
    path: '/live/show/index.m3u8',
    renewAfterMs: null,
  })
})

test('a token outlives the time at which it is to be renewed by far', () => {
  const { path, renewAfterMs } = createWatchPagePass(makeToken, undefined)(channel)
  expect(path).toMatch(/^\/live\/t\/[^/]+\/show\/index\.m3u8$/)
  const { expiresAt = 0, origins, channelId } = claimsIn(path) ?? {}
  expect([expiresAt - now, renewAfterMs]).toEqual([900_000, 300_000])
  expect([origins, channelId], 'any page: nobody said which is ours').toEqual([undefined, 'c_1'])
})

test('where the own URL is set, a token is for this page, and for players that name none', () => {
  const { path } = createWatchPagePass(makeToken, 'https://watch.example/below')(channel)
  expect(claimsIn(path)?.origins).toEqual(['https://watch.example', 'none'])
})

test('a new token is never of a time that is revoked, whatever the clock says', () => {
  const { issuedAt, expiresAt } = makeToken({ id: 'c_1', tokensRevokedUntil: now + 5000 }, 1000)
  expect([issuedAt, expiresAt]).toEqual([now + 5001, now + 6001])
})
