import { expect, test } from 'vitest'
import {
  createPlaybackTokens,
  expiryOfTokenId,
  keyPeriodMs,
  maxTokenLifeMs,
  newTokenId,
  type PlaybackClaims,
} from './playback-token.ts'

const tokens = createPlaybackTokens('a token key')
const now = 3000 * keyPeriodMs
const claims = (issuedAt = now): PlaybackClaims => ({
  id: newTokenId(issuedAt + maxTokenLifeMs),
  channelId: 'c_one',
  issuedAt,
  expiresAt: issuedAt + maxTokenLifeMs,
})

test('a signed token is read by every holder of the secret', () => {
  const given = { ...claims(), address: '192.0.2.0/24', origins: ['https://größe.example', 'none'] }
  const token = tokens.sign(given)
  expect(token).toMatch(/^3000\.[\w-]+\.[\w-]{43}$/)
  expect(createPlaybackTokens('a token key').read(token, now)).toEqual(given)
  expect(createPlaybackTokens('another secret').read(token, now)).toBeUndefined()
})

test('keys change with time, and break no token that is in use', () => {
  const first = tokens.sign(claims())
  const next = tokens.sign(claims(now + keyPeriodMs))
  expect([first.split('.')[0], next.split('.')[0]]).toEqual(['3000', '3001'])
  for (let at = now; at < now + maxTokenLifeMs; at += keyPeriodMs / 2)
    expect(tokens.read(first, at)).toBeDefined()
  const renamed = next.replace('3001.', '3000.')
  expect(tokens.read(renamed, now), 'each key signs for itself').toBeUndefined()
})

test('a token from a clock that is a little ahead is read; one from the far future or past is not', () => {
  expect(tokens.read(tokens.sign(claims(now + 1000)), now - 1000)).toBeDefined()
  expect(tokens.read(tokens.sign(claims(now + 3 * keyPeriodMs)), now)).toBeUndefined()
  expect(tokens.read(tokens.sign(claims(now - 7 * keyPeriodMs)), now)).toBeUndefined()
})

test('each token has exactly one spelling', () => {
  const token = tokens.sign(claims())
  for (let at = 0; at < token.length; at += 1)
    for (const other of ['A', 'B', '.', '=', '-'].filter((each) => each !== token[at]))
      expect(
        tokens.read(token.slice(0, at) + other + token.slice(at + 1), now),
        `${at} ${other}`,
      ).toBeUndefined()
  for (const text of [
    '',
    '.',
    '..',
    token.slice(1),
    token.slice(0, -1),
    `${token}=`,
    ` ${token}`,
    'A'.repeat(9999),
  ])
    expect(tokens.read(text, now), text.slice(0, 20)).toBeUndefined()
})

test('an id contains the expiry of its token', () => {
  expect(expiryOfTokenId(newTokenId(1_800_000_000_123))).toBe(1_800_000_001_000)
  for (const id of [
    '',
    'pt_',
    'pt_zz_AAAAAAAAAAA',
    'pt_tou9cv_AAAA',
    'sk_tou9cv_AAAAAAAAAAA',
    'pt_TOU9CV_AAAAAAAAAAA',
  ])
    expect(expiryOfTokenId(id), id).toBeUndefined()
})
