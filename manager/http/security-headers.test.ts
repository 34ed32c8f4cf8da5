import { expect, test } from 'vitest'
import { pagePolicy } from './security-headers.ts'

test('pages may load from the origins of edges, and from any host at the port of an IPv6 address', () => {
  const policy = pagePolicy(['https://tv.example/live-tv', 'http://192.0.2.7:8088', 'http://[::1]:8088'], [])
  expect(policy).toContain("connect-src 'self' https://tv.example http://192.0.2.7:8088 http://*:8088;")
})
