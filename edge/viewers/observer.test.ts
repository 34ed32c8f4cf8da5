import { expect, test } from 'vitest'
import { testObject } from '../../test/kit/media-object.ts'
import { createExperienceNotes } from '../experience/experience-notes.ts'
import type { Client } from '../http/exchange.ts'
import { createAudience } from './audience.ts'
import { createObserver } from './observer.ts'
import { createViewers } from './viewers.ts'

const playlist = testObject()
const part = testObject({ class: 'part' })

function world() {
  const viewers = createViewers()
  const audience = createAudience()
  const experience = createExperienceNotes()
  const observer = createObserver({ viewers, audience, experience })
  const client: Client = { address: '192.0.2.1', waiting: 0, viewer: undefined, ticket: undefined }
  const ask = (cmcd: string, object = playlist, headers: Record<string, string> = {}) =>
    observer.served({ target: `/p?CMCD=${encodeURIComponent(cmcd)}`, headers, token: '', client }, object, 0)
  const tally = () => [...experience.tallies()][0]
  return { viewers, audience, observer, client, ask, tally }
}

test('of media requests a fair share is read, and each that tells of a stall', () => {
  const { viewers, ask, tally } = world()
  for (let n = 0; n < 400; n += 1) ask('bl=900,sid="one"', part)
  expect(tally()?.histograms.bufferMs.sum).toBe(900 * 100)
  for (let n = 0; n < 10; n += 1) ask('bl=900,bs,sid="one"', part)
  expect(tally()?.stalls).toBe(10)
  expect(viewers.count(0), 'playlists tell who watches').toEqual({})
})

test('each playlist request is read', () => {
  const { viewers, ask, tally } = world()
  for (let n = 0; n < 10; n += 1) ask(`bl=900,sid="${n}"`)
  expect(tally()?.histograms.bufferMs.sum).toBe(9000)
  expect(viewers.count(0)).toEqual({ demo: 10 })
})

test('who watches is known by the name told and without it; another edge is nobody', () => {
  const { viewers, audience, observer, client, ask } = world()
  ask('sid="one"', playlist, { authorization: 'Bearer of-another-edge' })
  expect(viewers.count(0)).toEqual({})
  ask('sid="one"')
  const exchange = { target: '/live/demo/index.m3u8', headers: {}, token: '', client }
  expect(audience.knows(observer.viewerOf(exchange), 0), 'by address and agent').toBe(true)
  const named = { ...exchange, target: `${exchange.target}?CMCD=sid="one"` }
  expect(audience.knows(observer.viewerOf(named), 0)).toBe(true)
  const other = { ...exchange, target: `${exchange.target}?CMCD=sid="two"` }
  expect(audience.knows(observer.viewerOf(other), 0)).toBe(false)
})
