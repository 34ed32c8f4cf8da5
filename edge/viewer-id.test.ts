import { expect, test } from 'vitest'
import type { Client } from './exchange.ts'
import { viewerIdOf } from './viewer-id.ts'

const newClient = (address = '192.0.2.1'): Client => ({ address, waiting: 0, viewer: undefined })

const ask = (target: string, headers: Record<string, string> = {}, client = newClient()) =>
  viewerIdOf({ target, headers, client })

test('the session id of CMCD names the viewer, in the query or in the header, whatever the address', () => {
  const id = ask('/p.m3u8?CMCD=bl%3D2000%2Cot%3Dm%2Csid%3D%226e2fb550-c457%22%2Cv%3D1')
  expect(ask('/p.m3u8?_HLS_msn=3&CMCD=sid%3D%226e2fb550-c457%22')).toBe(id)
  expect(ask('/p.m3u8?CMCD=bl=2000,sid="6e2fb550-c457"', {}, newClient('192.0.2.9'))).toBe(id)
  expect(ask('/p.m3u8', { 'cmcd-session': 'cid="a", sid="6e2fb550-c457"' })).toBe(id)
  expect(ask('/p.m3u8?CMCD=sid%3D%226e2fb550-c458%22')).not.toBe(id)
  expect(ask('/p.m3u8?CMCD=nsid%3D%226e2fb550-c457%22')).not.toBe(id)
})

test('else address and user agent do, over all connections', () => {
  const id = ask('/p.m3u8', { 'user-agent': 'player' })
  expect(ask('/p.m3u8', { 'user-agent': 'player' })).toBe(id)
  expect(ask('/p.m3u8', { 'user-agent': 'other' })).not.toBe(id)
  expect(ask('/p.m3u8', { 'user-agent': 'player' }, newClient('192.0.2.2'))).not.toBe(id)
})

test('one connection may carry several user agents', () => {
  const client = newClient()
  const first = ask('/p.m3u8', { 'user-agent': 'a' }, client)
  const second = ask('/p.m3u8', { 'user-agent': 'b' }, client)
  expect(first).not.toBe(second)
  expect(ask('/p.m3u8', { 'user-agent': 'a' }, client)).toBe(first)
})

test('ids of many viewers do not collide', () => {
  const ids = Array.from({ length: 100_000 }, (_, n) => ask(`/p.m3u8?CMCD=sid%3D%22viewer-${n}%22`))
  expect(new Set(ids).size).toBe(100_000)
  expect(ids.every(Number.isSafeInteger)).toBe(true)
})
