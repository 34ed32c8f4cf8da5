import { randomBytes } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { createRepresentation, makeReady } from './representation.ts'

afterEach(() => void vi.useRealTimers())

const headOf = (ready: Buffer, length: number) => ready.toString('latin1', 0, length)

test('a ready response is a whole head, and the body when it is short', () => {
  for (const length of [0, 5, 16_384, 16_385, 100_000]) {
    const body = randomBytes(length)
    const representation = createRepresentation(Buffer.from(body), '"a"', ['x-a', 'b'])
    makeReady(representation, 0, 0)
    const head = headOf(representation.ready, representation.readyHead)
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\nage: 0\r\nx-a: b\r\netag: "a"\r\n/)
    expect(head).toMatch(new RegExp(`\r\ncontent-length: ${length}\r\ndate: [^\r]+ GMT\r\n\r\n$`))
    const rest = representation.ready.subarray(representation.readyHead)
    expect(length > 16_384 ? rest.length === 0 : rest.equals(body), String(length)).toBe(true)
    expect(representation.body.equals(body)).toBe(true)
  }
})

test('Age and Date are always correct, and nothing is made again in between', () => {
  vi.useFakeTimers({ now: 1_700_000_000_400 })
  const representation = createRepresentation(Buffer.from('body'), '"a"', [])
  const at = (time: number) => {
    vi.setSystemTime(1_700_000_000_400 + time)
    makeReady(representation, -300, time)
    const head = headOf(representation.ready, representation.readyHead)
    return [
      /age: (\d+)/.exec(head)?.[1],
      /date: .*:(\d\d) GMT/.exec(head)?.[1],
      representation.ready,
    ] as const
  }
  const first = at(0)
  expect(first.slice(0, 2)).toEqual(['0', '20'])
  expect(at(599)[2]).toBe(first[2])
  expect(at(600).slice(0, 2)).toEqual(['0', '21'])
  expect(at(699)[0]).toBe('0')
  expect(at(700)[0]).toBe('1')
  expect(at(5700).slice(0, 2)).toEqual(['6', '26'])
  expect(headOf(first[2], 40), 'a response in transit is not changed').toContain('age: 0')
})
