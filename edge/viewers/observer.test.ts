import { expect, test } from 'vitest'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { createExperienceNotes } from '../experience/experience-notes.ts'
import { newClient } from '../http/exchange.ts'
import { createAudience } from './audience.ts'
import { createObserver, viewerIdOf } from './observer.ts'
import { createViewers } from './viewers.ts'

const playlist = testObject()
const part = testObject({ class: 'part' })

function setUp() {
  const viewers = createViewers()
  const audience = createAudience()
  const experience = createExperienceNotes()
  const observer = createObserver({ viewers, audience, experience })
  const client = newClient('192.0.2.1')
  const serve = (cmcd: string, object = playlist, headers: Record<string, string> = {}) => {
    const target = `/p?CMCD=${encodeURIComponent(cmcd)}`
    observer.recordServed({ target, headers, token: '', client }, object, 0)
  }
  const tally = () => [...experience.tallies()][0]
  return { viewers, audience, observer, client, serve, tally }
}

test('a fair share of media requests is read, and each that reports a stall', () => {
  const { viewers, serve, tally } = setUp()
  for (let n = 0; n < 400; n += 1) serve('bl=900,sid="one"', part)
  expect(tally()?.histograms.bufferMs.sum).toBe(900 * 100)
  for (let n = 0; n < 10; n += 1) serve('bl=900,bs,sid="one"', part)
  expect(tally()?.stalls).toBe(10)
  expect(viewers.count(0), 'only playlist requests count viewers').toEqual({})
})

test('each playlist request is read', () => {
  const { viewers, serve, tally } = setUp()
  for (let n = 0; n < 10; n += 1) serve(`bl=900,sid="${n}"`)
  expect(tally()?.histograms.bufferMs.sum).toBe(9000)
  expect(viewers.count(0)).toEqual({ demo: 10 })
})

test('a viewer is known by session id and without it, and another edge is not a viewer', () => {
  const { viewers, audience, observer, client, serve } = setUp()
  serve('sid="one"', playlist, { authorization: 'Bearer of-another-edge' })
  expect(viewers.count(0)).toEqual({})
  serve('sid="one"')
  const request = { target: '/live/demo/index.m3u8', headers: {}, token: '', client }
  expect(audience.knows(observer.viewerOf(request), 0), 'by address and agent').toBe(true)
  const named = { ...request, target: `${request.target}?CMCD=sid="one"` }
  expect(audience.knows(observer.viewerOf(named), 0)).toBe(true)
  const other = { ...request, target: `${request.target}?CMCD=sid="two"` }
  expect(audience.knows(observer.viewerOf(other), 0)).toBe(false)
})

test('all addresses of a /64 are one client, and those of others are not', () => {
  const idAt = (address: string) =>
    viewerIdOf({ headers: { 'user-agent': 'vlc' }, client: newClient(address), token: '' })
  expect(idAt('2001:db8:1:2::7')).toBe(idAt('2001:db8:1:2:3:4:5:6'))
  expect(idAt('2001:db8:1:3::7')).not.toBe(idAt('2001:db8:1:2::7'))
})

const idOf = (
  headers: Record<string, string> = {},
  client = newClient('192.0.2.1'),
  reported?: number,
  token = '',
) => viewerIdOf({ headers, client, token }, reported)

test('the reported session id identifies the viewer at any address', () => {
  const agent = { 'user-agent': 'player' }
  expect(idOf(agent, newClient('192.0.2.1'), 7)).toBe(7)
  expect(idOf(agent, newClient('192.0.2.2'), 7)).toBe(7)
  const client = newClient('192.0.2.1')
  expect(idOf(agent, client, 8)).toBe(8)
  expect(idOf(agent, client), 'another player on the same connection').toBe(idOf(agent))
})

test('without a session id, address and user agent identify the viewer over all connections', () => {
  const id = idOf({ 'user-agent': 'player' })
  expect(idOf({ 'user-agent': 'player' })).toBe(id)
  expect(idOf({ 'user-agent': 'other' })).not.toBe(id)
  expect(idOf({ 'user-agent': 'player' }, newClient('192.0.2.2'))).not.toBe(id)
})

test('playback tokens distinguish viewers with the same address and agent', () => {
  const agent = { 'user-agent': 'player' }
  const client = newClient('192.0.2.1')
  const one = idOf(agent, client, undefined, 'token-1')
  expect(idOf(agent, client, undefined, 'token-2')).not.toBe(one)
  expect(idOf(agent, newClient('192.0.2.1'), undefined, 'token-1')).toBe(one)
  expect(idOf(agent, newClient('192.0.2.1'), 7, 'token-1')).toBe(7)
})

test('one connection may carry several user agents', () => {
  const client = newClient('192.0.2.1')
  const first = idOf({ 'user-agent': 'a' }, client)
  const second = idOf({ 'user-agent': 'b' }, client)
  expect(first).not.toBe(second)
  expect(idOf({ 'user-agent': 'a' }, client)).toBe(first)
})

test('ids of many viewers do not collide', () => {
  const ids = Array.from({ length: 100_000 }, (_, n) => idOf({}, newClient(`viewer-${n}`)))
  expect(new Set(ids).size).toBe(100_000)
  expect(ids.every(Number.isSafeInteger)).toBe(true)
})
