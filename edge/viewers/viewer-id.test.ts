import { expect, test } from 'vitest'
import type { Client } from '../http/exchange.ts'
import { viewerIdOf } from './viewer-id.ts'

const newClient = (address = '192.0.2.1'): Client => ({
  address,
  waiting: 0,
  viewer: undefined,
  ticket: undefined,
})

const ask = (headers: Record<string, string> = {}, client = newClient(), told?: number, token = '') =>
  viewerIdOf({ headers, client, token }, told)

test('the session id that a player told names the viewer, whatever the address', () => {
  const agent = { 'user-agent': 'player' }
  expect(ask(agent, newClient(), 7)).toBe(7)
  expect(ask(agent, newClient('192.0.2.2'), 7)).toBe(7)
  const client = newClient()
  expect(ask(agent, client, 8)).toBe(8)
  expect(ask(agent, client), 'of another player on the same connection').toBe(ask(agent))
})

test('else address and user agent do, over all connections', () => {
  const id = ask({ 'user-agent': 'player' })
  expect(ask({ 'user-agent': 'player' })).toBe(id)
  expect(ask({ 'user-agent': 'other' })).not.toBe(id)
  expect(ask({ 'user-agent': 'player' }, newClient('192.0.2.2'))).not.toBe(id)
})

test('a playback token tells viewers of one address and agent apart', () => {
  const agent = { 'user-agent': 'player' }
  const client = newClient()
  const one = ask(agent, client, undefined, 'token-1')
  expect(ask(agent, client, undefined, 'token-2')).not.toBe(one)
  expect(ask(agent, newClient(), undefined, 'token-1')).toBe(one)
  expect(ask(agent, newClient(), 7, 'token-1')).toBe(7)
})

test('one connection may carry several user agents', () => {
  const client = newClient()
  const first = ask({ 'user-agent': 'a' }, client)
  const second = ask({ 'user-agent': 'b' }, client)
  expect(first).not.toBe(second)
  expect(ask({ 'user-agent': 'a' }, client)).toBe(first)
})

test('ids of many viewers do not collide', () => {
  const ids = Array.from({ length: 100_000 }, (_, n) => ask({}, newClient(`viewer-${n}`)))
  expect(new Set(ids).size).toBe(100_000)
  expect(ids.every(Number.isSafeInteger)).toBe(true)
})
