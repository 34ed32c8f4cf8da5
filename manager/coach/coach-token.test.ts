import { expect, test } from 'vitest'
import { newChannelId } from '../../core/contracts/ids.ts'
import { createCoachTokens } from './coach-token.ts'

const tokens = createCoachTokens('a-key-that-is-derived-from-the-cluster')
const channel = { id: newChannelId(), keyHash: 'ab'.repeat(32) }

test('a token names its channel and is valid for it', () => {
  const token = tokens.tokenOf(channel)
  expect(token).toMatch(/^co_[\w-]{65}$/)
  expect(tokens.channelIdOf(token)).toBe(channel.id)
  expect(tokens.isValid(token, channel)).toBe(true)
  expect(tokens.tokenOf(channel)).toBe(token)
})

test('a token ends with its key, and is of one channel and one cluster', () => {
  const token = tokens.tokenOf(channel)
  expect(tokens.isValid(token, { ...channel, keyHash: 'cd'.repeat(32) })).toBe(false)
  expect(tokens.isValid(token, { ...channel, id: newChannelId() })).toBe(false)
  expect(createCoachTokens('another-key').isValid(token, channel)).toBe(false)
})

test.each(['', 'co_', 'co_x', `xx_${'a'.repeat(65)}`, `co_${'a'.repeat(64)}`, `co_${'a'.repeat(64)}.`])(
  'is not a token: %s',
  (text) => {
    expect(tokens.channelIdOf(text)).toBeUndefined()
    expect(tokens.isValid(text, channel)).toBe(false)
  },
)
