import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { viewerIdOf } from './viewer-id.ts'

const ask = (
  url: string,
  headers: Record<string, string> = {},
  socket: { remoteAddress: string } = { remoteAddress: '192.0.2.1' },
) => viewerIdOf({ url, headers, socket } as unknown as IncomingMessage)

test('the session id of CMCD names the viewer, in the query or in the header, whatever the address', () => {
  const id = ask('/p.m3u8?CMCD=bl%3D2000%2Cot%3Dm%2Csid%3D%226e2fb550-c457%22%2Cv%3D1')
  expect(ask('/p.m3u8?_HLS_msn=3&CMCD=sid%3D%226e2fb550-c457%22')).toBe(id)
  expect(ask('/p.m3u8?CMCD=bl=2000,sid="6e2fb550-c457"', {}, { remoteAddress: '192.0.2.9' })).toBe(id)
  expect(ask('/p.m3u8', { 'cmcd-session': 'cid="a", sid="6e2fb550-c457"' })).toBe(id)
  expect(ask('/p.m3u8?CMCD=sid%3D%226e2fb550-c458%22')).not.toBe(id)
  expect(ask('/p.m3u8?CMCD=nsid%3D%226e2fb550-c457%22')).not.toBe(id)
})

test('else address and user agent do, over all connections', () => {
  const id = ask('/p.m3u8', { 'user-agent': 'player' })
  expect(ask('/p.m3u8', { 'user-agent': 'player' })).toBe(id)
  expect(ask('/p.m3u8', { 'user-agent': 'other' })).not.toBe(id)
  expect(ask('/p.m3u8', { 'user-agent': 'player' }, { remoteAddress: '192.0.2.2' })).not.toBe(id)
})

test('one connection may carry several user agents', () => {
  const socket = { remoteAddress: '192.0.2.1' }
  const first = ask('/p.m3u8', { 'user-agent': 'a' }, socket)
  const second = ask('/p.m3u8', { 'user-agent': 'b' }, socket)
  expect(first).not.toBe(second)
  expect(ask('/p.m3u8', { 'user-agent': 'a' }, socket)).toBe(first)
})

test('ids of many viewers do not collide', () => {
  const ids = Array.from({ length: 100_000 }, (_, n) => ask(`/p.m3u8?CMCD=sid%3D%22viewer-${n}%22`))
  expect(new Set(ids).size).toBe(100_000)
  expect(ids.every(Number.isSafeInteger)).toBe(true)
})
