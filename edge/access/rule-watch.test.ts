import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import { createLog } from '../../core/process/log.ts'
import { type RuleWatch, watchRules } from './rule-watch.ts'

const log = createLog('test', 'silent')
const later = Date.now() + 3_600_000

/** What the source returns; undefined when no manager has written rules. */
let written: { version: string; rules: PlaybackRules } | undefined
let isAway: boolean
let reads: number
let announceChange: () => void
let watch: RuleWatch

beforeEach(() => {
  vi.useFakeTimers()
  written = undefined
  isAway = false
  reads = 0
  watch = watchRules(
    {
      async version() {
        if (isAway) throw new Error('away')
        return written?.version
      },
      async read() {
        reads += 1
        return written?.rules
      },
      watch(onChange) {
        announceChange = onChange
      },
    },
    { log },
  )
})
afterEach(() => {
  watch.close()
  vi.useRealTimers()
})

const write = (version: string, revokedUntil: number, revoked: Record<string, number> = {}) => {
  written = { version, rules: { signed: { show: { channelId: 'c_1', revokedUntil } }, revoked } }
}
const untilOf = (slug: string) => watch.signed.get(slug)?.revokedUntil

test('no rules are known until a manager has written some', async () => {
  await watch.refresh()
  expect(watch.areKnown).toBe(false)
  write('1', 0)
  announceChange()
  await vi.advanceTimersByTimeAsync(0)
  expect([watch.areKnown, untilOf('show')]).toEqual([true, 0])
})

test('polls once a second and reads only new rules', async () => {
  write('1', 0)
  await vi.advanceTimersByTimeAsync(5000)
  expect(reads).toBe(1)
  write('2', 7)
  await vi.advanceTimersByTimeAsync(1000)
  expect([reads, untilOf('show')]).toEqual([2, 7])
})

test('a change that is announced during a poll is read too', async () => {
  write('1', 0)
  const first = watch.refresh()
  write('2', 7)
  announceChange()
  await first
  await vi.advanceTimersByTimeAsync(0)
  expect(untilOf('show')).toBe(7)
})

test('revoked tokens stay revoked whatever state Redis comes back with', async () => {
  write('1', 50, { pt_1: later })
  await watch.refresh()
  isAway = true
  await vi.advanceTimersByTimeAsync(3000)
  expect([untilOf('show'), watch.revoked.has('pt_1')]).toEqual([50, true])
  isAway = false
  written = undefined
  await vi.advanceTimersByTimeAsync(3000)
  expect([untilOf('show'), watch.revoked.has('pt_1')]).toEqual([50, true])
  write('an older one', 10)
  await vi.advanceTimersByTimeAsync(1000)
  expect([untilOf('show'), watch.revoked.has('pt_1')]).toEqual([50, true])
  written = {
    version: 'reborn',
    rules: { signed: { show: { channelId: 'c_2', revokedUntil: 0 } }, revoked: {} },
  }
  await vi.advanceTimersByTimeAsync(1000)
  expect(untilOf('show'), 'another channel of the same name').toBe(0)
})

test('a revoked token is forgotten a day after its expiry, so that a clock that is set back does not admit it', async () => {
  write('1', 0, { pt_1: Date.now() + 1000, pt_2: Date.now() + 48 * 3_600_000 })
  await watch.refresh()
  vi.setSystemTime(Date.now() + 23 * 3_600_000)
  write('2', 0)
  await watch.refresh()
  expect([...watch.revoked.keys()]).toEqual(['pt_1', 'pt_2'])
  vi.setSystemTime(Date.now() + 2 * 3_600_000)
  write('3', 0)
  await watch.refresh()
  expect([...watch.revoked.keys()]).toEqual(['pt_2'])
})
