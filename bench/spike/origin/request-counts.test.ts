import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createRequestCounts } from './request-counts.ts'

test('versions are held reloads and media, whatever else is in the query', () => {
  const counts = createRequestCounts()
  const targets = [
    '/live/a/index.m3u8',
    '/live/a/s/360p.m3u8?CMCD=v',
    '/live/a/s/360p.m3u8?_HLS_msn=4&_HLS_part=1&CMCD=one',
    '/live/a/s/360p.m3u8?CMCD=other&_HLS_msn=4&_HLS_part=1',
    '/live/a/s/360p.m3u8?_HLS_msn=4&_HLS_part=1&_HLS_skip=YES',
    '/live/a/s/1/360p/4.1.m4s',
    '/live/a/s/1/360p/4.1.m4s',
    '/live/a/s/1/360p/4.1.m4s',
  ]
  for (const target of targets) counts.add(target)
  expect(counts.take()).toEqual({ requests: 8, versioned: 6, versions: 3, most: 3, bytes: 0 })
  expect(counts.take()).toEqual({ requests: 0, versioned: 0, versions: 0, most: 0, bytes: 0 })
})

test('bytes are those that connections wrote since the counts were taken', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  const counts = createRequestCounts()
  socket.write('before')
  counts.watch(socket)
  counts.watch(socket)
  socket.write(Buffer.alloc(1000))
  expect(counts.take().bytes).toBe(1000)
  socket.write(Buffer.alloc(30))
  socket.end()
  client.resume()
  await once(socket, 'close')
  expect(counts.take().bytes).toBe(30)
  expect(counts.take().bytes).toBe(0)
  server.close()
})
