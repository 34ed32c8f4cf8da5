import { expect, test } from 'vitest'
import { createRequestRate } from './request-rate.ts'

function setUp(perSecond = 2) {
  const clock = { ms: 0 }
  const hook = createRequestRate(perSecond, { now: () => clock.ms })
  const admitted = async (ip: string, url = '/watch/demo') =>
    hook({ ip, url }).then(
      () => true,
      () => false,
    )
  const count = async (requests: number, ip: string, url?: string) => {
    let admittedRequests = 0
    for (let n = 0; n < requests; n++) if (await admitted(ip, url)) admittedRequests++
    return admittedRequests
  }
  return { clock, admitted, count }
}

test('a client gets a burst, and then its rate', async () => {
  const { clock, admitted, count } = setUp()
  expect(await count(100, '192.0.2.1')).toBe(10)
  clock.ms += 1000
  expect(await count(100, '192.0.2.1')).toBe(2)
  expect(await admitted('192.0.2.2'), 'another client').toBe(true)
  clock.ms += 3_600_000
  expect(await count(100, '192.0.2.1')).toBe(10)
})

test('all addresses of a /64 share a rate', async () => {
  const { count } = setUp()
  expect(await count(6, '2001:db8::1')).toBe(6)
  expect(await count(6, '2001:db8::2')).toBe(4)
  expect(await count(6, '2001:db8:0:1::2')).toBe(6)
})

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('%s is this machine, without a limit', async (ip) => {
  expect(await setUp().count(100, ip)).toBe(100)
})

test('the API and checks of health have no such limit, and 0 means no limit', async () => {
  for (const url of ['/v1/channels', '/healthz', '/readyz'])
    expect(await setUp().count(100, '192.0.2.1', url)).toBe(100)
  expect(await setUp(0).count(100, '192.0.2.1')).toBe(100)
})
