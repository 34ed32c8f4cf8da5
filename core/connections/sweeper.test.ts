import { afterEach, expect, test, vi } from 'vitest'
import { createSweeper } from './sweeper.ts'

afterEach(() => void vi.useRealTimers())

test('overdue members are destroyed soon after their deadline, others and removed ones are not', () => {
  vi.useFakeTimers({ now: 0 })
  const sweeper = createSweeper(() => Date.now())
  const members = [5000, 2000, 2000, 2000].map((deadline) => ({
    isOverdue: (now: number) => now >= deadline,
    destroy: vi.fn(),
  }))
  const remove = members.map((member) => sweeper.add(member))
  const [late, busy, removed, due] = members
  if (busy) busy.isOverdue = () => false
  remove[2]?.()
  expect([...sweeper.members()]).toHaveLength(3)
  vi.advanceTimersByTime(1990)
  expect(due?.destroy).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1010)
  expect(due?.destroy).toHaveBeenCalledOnce()
  for (const each of [late, busy, removed]) expect(each?.destroy).not.toHaveBeenCalled()
  sweeper.close()
})
