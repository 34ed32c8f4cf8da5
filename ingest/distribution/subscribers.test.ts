import { expect, test } from 'vitest'
import { Subscribers } from './subscribers.ts'

function createSubscriber() {
  const received: string[] = []
  return {
    received,
    write: (tags: readonly Buffer[]) => void received.push(tags.join('')),
    end: () => void received.push('end'),
    abort: (why: string) => void received.push(why),
  }
}
const tag = (text: string) => Buffer.from(text)

test('sound waits for the next picture, but not for long, and reaches each subscriber once', () => {
  const cached: Buffer[] = [tag('K')]
  const subscribers = new Subscribers(() => cached)
  const push = (text: string, isUrgent: boolean) => {
    cached.push(tag(text))
    subscribers.push(tag(text), isUrgent)
    subscribers.flush()
  }
  const first = createSubscriber()
  subscribers.add(first)
  push('a', false)
  expect(first.received).toEqual(['K'])
  push('V', true)
  push('b', false)
  const second = createSubscriber()
  subscribers.add(second)
  push('c', false)
  push('d', false)
  subscribers.end()
  expect(first.received.join('')).toBe('KaVbcdend')
  expect(first.received[1]).toBe('aV')
  expect(second.received.join('')).toBe('KaVbcdend')
})

test('a subscriber that is too early starts with the next keyframe', () => {
  let start: Buffer[] | undefined
  const subscribers = new Subscribers(() => start)
  const subscriber = createSubscriber()
  subscribers.add(subscriber)
  subscribers.push(tag('lost'), true)
  subscribers.flush()
  expect(subscriber.received).toEqual([])
  start = [tag('head'), tag('K')]
  subscribers.flush()
  start = []
  subscribers.push(tag('V'), true)
  subscribers.flush()
  expect(subscriber.received).toEqual(['headK', 'V'])
})
