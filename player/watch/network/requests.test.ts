import { afterEach, expect, test, vi } from 'vitest'
import { arrivals } from './arrivals.ts'
import { requestBody } from './requests.ts'

afterEach(() => vi.unstubAllGlobals())

const headers = { 'content-length': '100' }

test('a body that was aborted is not in progress, even if reading it never ends', async () => {
  let send = (_: Uint8Array) => {}
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      send = (bytes) => controller.enqueue(bytes)
    },
  })
  vi.stubGlobal('fetch', async () => new Response(stream, { headers }))
  const { abort } = requestBody('http://edge/1.m4s')
  send(new Uint8Array(10))
  await vi.waitFor(() => expect(arrivals.left).toBe(90))
  abort()
  expect(arrivals.left).toBe(0)
  send(new Uint8Array(10))
  await new Promise(setImmediate)
  expect(arrivals.left).toBe(0)
})

test('the length and the times of a whole body are recorded', async () => {
  vi.stubGlobal('fetch', async () => new Response(new Uint8Array(100), { headers }))
  const { firstByteAt, completedAt } = await requestBody('http://edge/2.m4s').body
  expect(arrivals.bodyOf('http://edge/2.m4s')).toEqual({ start: firstByteAt, end: completedAt, bytes: 100 })
})
