import { expect, test } from 'vitest'
import { closeRedis } from '../../core/process/redis.ts'
import { connectToRedis, startRedis } from '../kit/redis.ts'
import { startSlowProxy } from '../kit/slow-proxy.ts'

/** Keeps the event loop busy, as other work on the machine does, so that timers fire late. */
function keepBusy(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('responses through a slow proxy stay in order while its delay changes', async () => {
  const server = await startRedis()
  const proxy = await startSlowProxy(server.url)
  const redis = await connectToRedis(proxy.url)
  try {
    const sent: string[] = []
    const received: Promise<string>[] = []
    for (let round = 0; round < 40; round += 1) {
      proxy.setDelay(round % 2 === 0 ? 20 : 0)
      for (let count = 0; count < 10; count += 1) {
        sent.push(`${round}.${count}`)
        received.push(redis.echo(sent.at(-1) ?? ''))
        await new Promise(setImmediate)
        keepBusy(0.7)
      }
    }
    expect(await Promise.all(received)).toEqual(sent)
  } finally {
    closeRedis(redis)
    await proxy.close()
    await server.stop()
  }
})
