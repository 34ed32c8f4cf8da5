import { expect, test, vi } from 'vitest'
import { reportFailures } from './report-failures.ts'

test('the first of several failures in a row is logged, and each rejects', async () => {
  const outcomes = [undefined, 'away', 'away', undefined, 'gone']
  const warn = vi.fn()
  const task = reportFailures(
    async () => {
      const failure = outcomes.shift()
      if (failure !== undefined) throw new Error(failure)
    },
    { warn },
    'not done',
  )
  const settled: string[] = []
  for (let count = 0; count < 5; count++)
    settled.push(
      await task().then(
        () => 'done',
        (error: Error) => error.message,
      ),
    )
  expect(settled).toEqual(['done', 'away', 'away', 'done', 'gone'])
  expect(warn.mock.calls).toEqual([
    [{ err: 'away' }, 'not done'],
    [{ err: 'gone' }, 'not done'],
  ])
})
