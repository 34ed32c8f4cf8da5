import { afterEach, expect, test, vi } from 'vitest'
import { arrivals } from './arrivals.ts'
import { watchLink } from './link-watch.ts'

afterEach(() => vi.unstubAllGlobals())

const media = 'http://edge/live/a/1/480p/1.0.m4s'

/** An entry of resource timing whose request waited 100 ms. By default its body took 80 ms. */
class Entry {
  readonly name: string
  readonly encodedBodySize: number
  readonly transferSize: number
  readonly requestStart = 1000
  readonly responseStart = 1100
  readonly responseEnd: number
  readonly nextHopProtocol = 'http/1.1'

  constructor(name: string, encodedBodySize: number, bodyMs = 80) {
    this.name = name
    this.encodedBodySize = encodedBodySize
    this.transferSize = encodedBodySize
    this.responseEnd = this.responseStart + bodyMs
  }
}

/** Returns the figures of a link on which the browser reports `entries`. */
function figuresOf(...entries: Entry[]) {
  vi.stubGlobal('PerformanceResourceTiming', Entry)
  vi.stubGlobal(
    'PerformanceObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  vi.stubGlobal('performance', {
    getEntriesByType: () => entries,
    clearResourceTimings() {},
    now: () => 2000,
  })
  const { throughput, roundTrip } = watchLink({ bits: 1_000_000, rttMs: 50 }, () => false)
  return { bits: throughput.estimate.fast, rttMs: roundTrip.typical }
}

test('the browser’s sizes and times show the link', () => {
  const { bits, rttMs } = figuresOf(new Entry(media, 101_460))
  expect(bits).toBeCloseTo(10_000_000, -5)
  expect(rttMs).toBeGreaterThan(50)
})

test('a body from the cache and a script of the page show nothing', () => {
  const cached = Object.assign(new Entry(media, 101_460, 2), { transferSize: 0 })
  expect(figuresOf(cached, new Entry('http://manager/assets/watch.js', 101_460, 2))).toEqual({
    bits: 1_000_000,
    rttMs: 50,
  })
})

test('media whose size the browser hides counts with the bytes that the page has read', () => {
  expect(figuresOf(new Entry(media, 0)).bits, 'not read').toBe(1_000_000)
  arrivals.completed(media, { start: 1105, end: 1180, bytes: 101_460 })
  const { bits, rttMs } = figuresOf(new Entry(media, 0))
  expect(bits).toBeCloseTo(10_000_000, -5)
  expect(rttMs).toBeGreaterThan(50)
})

test('a body without a duration counts with the times of the page', () => {
  arrivals.completed(media, { start: 1100, end: 1180, bytes: 101_460 })
  expect(figuresOf(new Entry(media, 101_460, 0)).bits).toBeCloseTo(10_000_000, -5)
})

test('a playlist whose size the browser hides shows nothing: it may be compressed', () => {
  const playlist = 'http://edge/live/a/1/480p.m3u8'
  arrivals.completed(playlist, { start: 1100, end: 1180, bytes: 101_460 })
  expect(figuresOf(new Entry(playlist, 0))).toEqual({ bits: 1_000_000, rttMs: 50 })
})
