import { expect, test } from 'vitest'
import { Subscribers } from './subscribers.ts'

function createReader() {
  const seen: string[] = []
  return {
    seen,
    write: (tags: readonly Buffer[]) => void seen.push(tags.join('')),
    end: () => void seen.push('end'),
    abort: (why: string) => void seen.push(why),
  }
}
const tag = (text: string) => Buffer.from(text)

test('sound waits for the picture, but not for long, and comes to each reader once', () => {
  const readers = new Subscribers()
  const cached: Buffer[] = [tag('K')]
  const start = () => cached
  const push = (text: string, isUrgent: boolean) => {
    cached.push(tag(text))
    readers.push(tag(text), isUrgent)
    readers.flush(start)
  }
  const first = createReader()
  readers.add(first, start)
  push('a', false)
  expect(first.seen).toEqual(['K'])
  push('V', true)
  push('b', false)
  const second = createReader()
  readers.add(second, start)
  push('c', false)
  push('d', false)
  readers.end()
  expect(first.seen.join('')).toBe('KaVbcdend')
  expect(first.seen[1]).toBe('aV')
  expect(second.seen.join('')).toBe('KaVbcdend')
})

test('a reader that comes too early begins with the next keyframe', () => {
  const readers = new Subscribers()
  const reader = createReader()
  readers.add(reader, () => undefined)
  readers.push(tag('lost'), true)
  readers.flush(() => undefined)
  expect(reader.seen).toEqual([])
  readers.flush(() => [tag('head'), tag('K')])
  readers.push(tag('V'), true)
  readers.flush(() => [])
  expect(reader.seen).toEqual(['headK', 'V'])
})
