import { expect, test } from 'vitest'
import { Subscribers } from './subscribers.ts'

function createSubscriber() {
  const received: string[] = []
  return {
    received,
    write: (tags: readonly Buffer[]) => void received.push(tags.join('')),
    end: () => void received.push('end'),
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
  subscribers.end(true)
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

test('tags without number are sent in pieces', () => {
  const sizes: number[] = []
  const subscribers = new Subscribers(() => [])
  subscribers.add({ write: (tags) => void sizes.push(tags.length), end: () => {} })
  for (let n = 0; n < 2500; n++) subscribers.push(tag('x'), true)
  subscribers.flush()
  expect(sizes).toEqual([0, 1000, 1000, 500])
})

test('the end reaches active and waiting subscribers, once', () => {
  let start: Buffer[] | undefined = [tag('K')]
  const subscribers = new Subscribers(() => start)
  const [active, waiting] = [createSubscriber(), createSubscriber()]
  subscribers.add(active)
  start = undefined
  subscribers.add(waiting)
  expect(subscribers.count).toBe(2)
  subscribers.push(tag('a'), false)
  subscribers.end(true)
  subscribers.end(true)
  expect([active.received, waiting.received]).toEqual([['K', 'a', 'end'], ['end']])
  expect(subscribers.count).toBe(0)
})
