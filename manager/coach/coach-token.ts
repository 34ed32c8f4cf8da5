import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Channel } from '../store/channel-record.ts'

export type KeyedChannel = Pick<Channel, 'id' | 'keyHash'>

/** A token: `co_`, the 22 characters of the channel's id after `c_`, and 43 characters of its signature. */
const tokenExpression = /^co_([\w-]{22})([\w-]{43})$/

export type CoachTokens = ReturnType<typeof createCoachTokens>

/**
 * Creates the tokens of coach pages. Each is the channel and an HMAC-SHA256 of its id and the hash of its
 * stream key, so it is valid until the key is replaced, and nothing has to be stored.
 */
export function createCoachTokens(coachKey: string) {
  const sign = ({ id, keyHash }: KeyedChannel) =>
    createHmac('sha256', coachKey).update(`${id}\0${keyHash}`).digest('base64url')

  return {
    tokenOf: (channel: KeyedChannel) => `co_${channel.id.slice(2)}${sign(channel)}`,

    /** Returns the id of the channel that a token names; undefined when it has not the form of a token. */
    channelIdOf(token: string): string | undefined {
      const [, id] = tokenExpression.exec(token) ?? []
      return id === undefined ? undefined : `c_${id}`
    },

    isValid(token: string, channel: KeyedChannel): boolean {
      const [, , signature = ''] = tokenExpression.exec(token) ?? []
      const [given, right] = [Buffer.from(signature), Buffer.from(sign(channel))]
      return given.length === right.length && timingSafeEqual(given, right)
    },
  }
}
