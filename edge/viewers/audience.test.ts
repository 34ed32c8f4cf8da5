import { expect, test, vi } from 'vitest'
import { createAudience } from './audience.ts'

test('a viewer is known for at least one minute and at most two', () => {
  const audience = createAudience({ memoryMs: 60_000 })
  audience.recordView(1, 0)
  audience.recordView(2, 50_000)
  expect([audience.knows(1, 59_000), audience.knows(2, 110_000), audience.knows(3, 0)]).toEqual([
    true,
    true,
    false,
  ])
  expect(audience.knows(2, 171_000)).toBe(false)
})

test('a viewer who keeps watching stays known and is reported once per interval', () => {
  const onNew = vi.fn()
  const audience = createAudience({ memoryMs: 60_000, onNew })
  for (let time = 0; time < 180_000; time += 1000) audience.recordView(1, time)
  expect(audience.knows(1, 180_000)).toBe(true)
  expect(onNew).toHaveBeenCalledTimes(3)
})

test('a viewer from another process is known and not reported again', () => {
  const onNew = vi.fn()
  const audience = createAudience({ onNew })
  audience.recordElsewhere(1, 0)
  expect([audience.knows(1, 0), onNew.mock.calls.length]).toEqual([true, 0])
})

test('viewers are remembered up to the limit', () => {
  const audience = createAudience({ limit: 2 })
  for (const viewer of [1, 2, 3]) audience.recordView(viewer, 0)
  expect([1, 2, 3].map((viewer) => audience.knows(viewer, 0))).toEqual([true, true, false])
})
