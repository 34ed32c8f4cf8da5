import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { flvHeader, keepAlive, keepAliveMs } from '../../core/media/flv-tag.ts'
import { createSourceFeed } from '../../transcoder/source/source-feed.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** Pulls from a server that sends the header of an FLV, and then what `send` does. */
async function pullFrom(send: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => {
    response.write(flvHeader(true, true))
    send(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const feed = createSourceFeed({ secret: 'none', onUnit() {} })
  ends.push(async () => {
    feed.stop()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { feed, end: feed.run({ url, localSocket: undefined, nearMs: 0 }) }
}

test('a pull from an ingest that sent a keep-alive and is then silent is lost', async () => {
  const { end } = await pullFrom((response) => response.write(keepAlive))
  expect(await end).toEqual({ kind: 'lost', detail: 'nothing came for 700 ms' })
})

test('a pull continues while keep-alives come, also when no media does', async () => {
  const { promise: sent, resolve } = Promise.withResolvers<void>()
  const { feed, end } = await pullFrom((response) => {
    let left = 8
    const timer = setInterval(() => {
      response.write(keepAlive)
      if (--left > 0) return
      clearInterval(timer)
      resolve()
    }, keepAliveMs)
  })
  await sent
  feed.stop()
  expect(await end).toEqual({ kind: 'stopped' })
})

test('silence is no loss where the ingest sends no keep-alives', async () => {
  const { promise: sent, resolve } = Promise.withResolvers<void>()
  const { feed, end } = await pullFrom(() => setTimeout(resolve, 1500))
  await sent
  feed.stop()
  expect(await end).toEqual({ kind: 'stopped' })
})
