import { expect, test } from 'vitest'
import { Lateness } from './lateness.ts'

const reload = (part: number, more = '') => `/live/a/360p.m3u8?_HLS_msn=4&_HLS_part=${part}${more}`

test('lateness counts from the first response with the same version', () => {
  const lateness = new Lateness()
  for (let viewer = 0; viewer < 100; viewer++)
    lateness.add(reload(1, viewer % 2 === 0 ? '' : '&_HLS_skip=YES&CMCD=x'), 0, 1000 + viewer, true)
  const { count, points } = lateness.summary()
  expect(count).toBe(100)
  const at = new Map(points)
  expect(at.get(50)).toBeGreaterThanOrEqual(49)
  expect(at.get(50)).toBeLessThan(49 * 1.1)
  expect(at.get(100)).toBeGreaterThanOrEqual(99)
})

test('a request after the version was there counts from its own time', () => {
  const lateness = new Lateness()
  lateness.add(reload(1), 0, 1000, false)
  lateness.add(reload(1), 5000, 5010, true)
  expect(lateness.summary().count).toBe(1)
  expect(new Map(lateness.summary().points).get(100)).toBeLessThan(11)
})

test('requests for no version do not count', () => {
  const lateness = new Lateness()
  lateness.add('/live/a/360p.m3u8?CMCD=x', 0, 1000, true)
  lateness.add('/live/a/1/360p/4.1.m4s', 0, 1000, true)
  expect(lateness.summary()).toEqual({ count: 0, points: [] })
})

test('a lateness above the histogram is in its last bucket', () => {
  const lateness = new Lateness()
  lateness.add(reload(1), 0, 0, true)
  lateness.add(reload(1), 0, 1e7, true)
  expect(new Map(lateness.summary().points).get(100)).toBeGreaterThan(60_000)
})
