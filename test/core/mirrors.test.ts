import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPlaybackRuleBoard, type PlaybackRules } from '../../core/contracts/playback-rules.ts'
import { type ChannelGrant, createPublishGrants } from '../../core/contracts/publish-grants.ts'
import { createLog } from '../../core/process/log.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { type RuleWatch, ruleSourceOf, watchRules } from '../../edge/access/rule-watch.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis
let subscriber: Redis
let watch: RuleWatch

beforeEach(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url, 'wait')
  subscriber = await connectToRedis(server.url, 'wait')
})
afterEach(async () => {
  watch?.close()
  closeRedis(redis)
  closeRedis(subscriber)
  await server.stop()
})

const signed = (slug: string): PlaybackRules => ({
  signed: { [slug]: { channelId: 'c_1', revokedUntil: 0 } },
  revoked: {},
})

/** Saves the data of Redis, calls `change`, and restarts Redis with the saved data, as from a backup. */
async function restoreOlder(change: () => Promise<void>) {
  await redis.save()
  await change()
  await server.restart()
}

test('an edge keeps its rules when Redis returns with older ones, until a manager has written again', async () => {
  const board = createPlaybackRuleBoard(redis)
  const source = ruleSourceOf(board, subscriber, createLog('test', 'silent'))
  watch = watchRules(source, { log: createLog('test', 'silent'), everyMs: 20 })
  await board.put({ signed: {}, revoked: {} }, 'older')
  await waitFor('the first rules', () => watch.areKnown)
  await restoreOlder(async () => {
    await board.put(signed('show'), 'newer')
    await waitFor('the channel to be signed', () => watch.signed.has('show'))
  })

  expect(await board.version(true)).toBe('older')
  await watch.refresh()
  await watch.refresh()
  expect([...watch.signed.keys()]).toEqual(['show'])
  await board.put(signed('other'), 'newest')
  await waitFor('the rules of now', () => watch.signed.has('other'))
  expect([...watch.signed.keys()]).toEqual(['other'])
})

test('grants of a Redis that returned with older data are marked until a manager has written again', async () => {
  const grants = createPublishGrants(redis)
  const grant: ChannelGrant = { channelId: 'c_1', slug: 'show', latency: 'low', takeover: false }
  await grants.replaceAll(new Map([['old', grant]]))
  expect(await grants.findCurrent('old')).toEqual({ grant, isCurrent: true })
  await restoreOlder(() => grants.replaceAll(new Map([['new', grant]])))

  expect(await grants.findCurrent('old')).toEqual({ grant, isCurrent: false })
  expect(await grants.findCurrent('new')).toEqual({ grant: undefined, isCurrent: false })
  await grants.put('other', grant)
  expect(await grants.findCurrent('other')).toEqual({ grant, isCurrent: false })
  await grants.replaceAll(new Map([['new', grant]]))
  expect(await grants.findCurrent('old')).toEqual({ grant: undefined, isCurrent: true })
  expect(await grants.findCurrent('new')).toEqual({ grant, isCurrent: true })
})
