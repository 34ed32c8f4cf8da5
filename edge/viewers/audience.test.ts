import { expect, test, vi } from 'vitest'
import { createAudience } from './audience.ts'

test('who watched is known for a minute at least and two at most', () => {
  const audience = createAudience({ memoryMs: 60_000 })
  audience.saw(1, 0)
  audience.saw(2, 50_000)
  expect([audience.knows(1, 59_000), audience.knows(2, 110_000), audience.knows(3, 0)]).toEqual([
    true,
    true,
    false,
  ])
  expect(audience.knows(2, 171_000)).toBe(false)
})

test('who goes on watching stays known, and is told of once in each stretch', () => {
  const onNew = vi.fn()
  const audience = createAudience({ memoryMs: 60_000, onNew })
  for (let time = 0; time < 180_000; time += 1000) audience.saw(1, time)
  expect(audience.knows(1, 180_000)).toBe(true)
  expect(onNew).toHaveBeenCalledTimes(3)
})

test('what another process tells is believed and not told on', () => {
  const onNew = vi.fn()
  const audience = createAudience({ onNew })
  audience.learn(1, 0)
  expect([audience.knows(1, 0), onNew.mock.calls.length]).toEqual([true, 0])
})

test('no more are remembered than there is room for', () => {
  const audience = createAudience({ limit: 2 })
  for (const viewer of [1, 2, 3]) audience.saw(viewer, 0)
  expect([1, 2, 3].map((viewer) => audience.knows(viewer, 0))).toEqual([true, true, false])
})
