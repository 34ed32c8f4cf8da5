import { afterEach, expect, test } from 'vitest'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { connectToRedis } from '../kit/redis.ts'
import { type SentinelRedis, startSentinelRedis } from '../kit/redis-sentinel.ts'
import { waitFor } from '../kit/wait-for.ts'

let sentinel: SentinelRedis
const open: Redis[] = []

afterEach(async () => {
  for (const redis of open.splice(0)) closeRedis(redis)
  await sentinel?.stop()
})

async function connect(whenAway: 'wait' | 'fail'): Promise<Redis> {
  const redis = await connectToRedis(sentinel.url, whenAway)
  open.push(redis)
  return redis
}

test.each(['killPrimary', 'freezePrimary'] as const)(
  'connections move to the new primary after %s, and none of those that wait loses a command',
  async (fault) => {
    sentinel = await startSentinelRedis()
    const [waiting, failing, subscriber] = [
      await connect('wait'),
      await connect('fail'),
      await connect('wait'),
    ]
    const heard: string[] = []
    await subscriber.subscribe('news')
    subscriber.on('message', (_, message) => heard.push(message))
    await waiting.set('before', '1')
    await waitFor('the replica to have it', async () => (await sentinel.replica.get('before')) === '1')

    await sentinel[fault]()
    const written = waiting.set('during', '2')
    await sentinel.untilFailedOver()
    await written
    expect(await sentinel.replica.get('during')).toBe('2')
    await waitFor('the other connection', async () => (await failing.get('before')) === '1')
    const again = async () => {
      await failing.publish('news', 'again')
      return heard.length > 0
    }
    // A connection may have to give up several attempts to reach the former primary first, of 3 s each.
    await waitFor('messages to arrive again', again, { timeoutMs: 40_000 })
  },
)
