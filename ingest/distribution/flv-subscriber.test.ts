import { expect, test, vi } from 'vitest'
import { keepAlive, keepAliveMs } from '../../core/media/flv-tag.ts'
import { HttpSubscriber, maxSubscriberLagBytes } from './flv-subscriber.ts'
import { tagOverheadBytes } from './gop-cache.ts'

/** Creates a subscriber whose client reads only when the test calls `readAll`. */
function subscribe() {
  const waiting: (() => void)[] = []
  const response = {
    writableLength: 0,
    destroyed: false,
    last: undefined as Buffer | undefined,
    ended: false,
    written: 0,
    write(tag: Buffer, onWritten?: () => void) {
      response.written++
      response.last = tag
      response.writableLength += tag.length
      if (onWritten) waiting.push(onWritten)
      return true
    },
    end() {
      response.ended = true
    },
    destroy() {
      response.destroyed = true
    },
  }
  const dropped: string[] = []
  const subscriber = new HttpSubscriber(response as never, (why) => dropped.push(why))
  const readAll = () => {
    response.writableLength = 0
    for (const onWritten of waiting.splice(0)) onWritten()
  }
  return { subscriber, response, dropped, readAll }
}

const tags = (count: number, bytes: number) => Array.from({ length: count }, () => Buffer.alloc(bytes))

test('a subscriber that reads stays, whatever it receives', () => {
  const { subscriber, dropped, readAll } = subscribe()
  for (let n = 0; n < 100; n++) {
    subscriber.write(tags(2, 1_000_000))
    readAll()
  }
  expect(dropped).toEqual([])
})

test.each([
  ['large tags', 1_000_000],
  ['tiny tags', 1],
])('a subscriber that does not read %s is dropped at its limit', (_what, bytes) => {
  const { subscriber, response, dropped } = subscribe()
  subscriber.write(tags(10, bytes))
  const perTag = bytes + tagOverheadBytes
  const most = Math.floor(maxSubscriberLagBytes / perTag)
  for (let n = 0; n < most; n++) subscriber.write(tags(1, bytes))
  expect(response.destroyed).toBe(false)
  subscriber.write(tags(1, bytes))
  expect(dropped).toEqual(['subscriber lags'])
  const { written } = response
  subscriber.write(tags(1, bytes))
  expect(response.written).toBe(written)
  expect(dropped).toHaveLength(1)
})

test('what a subscriber receives at its start does not count', () => {
  const { subscriber, dropped } = subscribe()
  subscriber.write(tags(3000, 10_000))
  subscriber.write(tags(10, 1_000_000))
  expect(dropped).toEqual([])
})

test('the end of the session is the end of the body', () => {
  const { subscriber, response, dropped } = subscribe()
  subscriber.write([])
  subscriber.end(true)
  expect([response.written, response.ended, dropped]).toEqual([0, true, []])
})

test('keep-alives follow the first tags, then whenever nothing else is written, until the end', () => {
  vi.useFakeTimers()
  try {
    const { subscriber, response, readAll } = subscribe()
    vi.advanceTimersByTime(2 * keepAliveMs)
    expect(response.written).toBe(0)
    subscriber.write(tags(1, 100))
    expect(response.last).toBe(keepAlive)
    for (let n = 0; n < 10; n++) {
      readAll()
      subscriber.write(tags(1, 100))
      vi.advanceTimersByTime(keepAliveMs / 4)
    }
    expect(response.written).toBe(12)
    readAll()
    vi.advanceTimersByTime(keepAliveMs)
    expect(response.last).toBe(keepAlive)
    const { written } = response
    expect(written).toBeGreaterThan(12)
    subscriber.end(true)
    vi.advanceTimersByTime(2 * keepAliveMs)
    expect(response.written).toBe(written)
  } finally {
    vi.useRealTimers()
  }
})
