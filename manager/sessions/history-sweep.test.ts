import { expect, test } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { createHistorySweep, sweepOnce } from './history-sweep.ts'

const day = 24 * 3_600_000
const now = 1000 * day

/** Returns a history that notes the calls. Each call reports one removed session. */
function fakeHistory() {
  const calls: [string, number][] = []
  const note = (name: string) => async (value: number) => {
    calls.push([name, value])
    return 1
  }
  return { calls, removeEndedBefore: note('ended before'), removeBeyond: note('beyond') }
}

test('a sweep removes by age and by number, as far as they are limited', async () => {
  const both = fakeHistory()
  expect(await sweepOnce(both, { days: 30, perChannel: 9 }, now)).toBe(2)
  expect(both.calls).toEqual([
    ['ended before', 970 * day],
    ['beyond', 9],
  ])
  const neither = fakeHistory()
  expect(await sweepOnce(neither, { days: 0, perChannel: 0 }, now)).toBe(0)
  expect(neither.calls).toEqual([])
})

test('sweeps again until nothing is removed', async () => {
  const batches = [3, 1, 0]
  const { promise: isSwept, resolve } = Promise.withResolvers<void>()
  const removeBeyond = async () => {
    const removed = batches.shift() ?? 0
    if (removed === 0) resolve()
    return removed
  }
  const history = { removeEndedBefore: async () => 0, removeBeyond }
  const sweep = createHistorySweep(history, { days: 30, perChannel: 9 }, createLog('test', 'silent'))
  await isSwept
  await sweep.close()
  expect(batches).toEqual([])
})
