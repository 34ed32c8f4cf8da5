import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import { createLog } from '../../core/process/log.ts'
import { type RuleWatch, watchRules } from './rule-watch.ts'

const log = createLog('test', 'silent')
const later = Date.now() + 3_600_000

let told: { version: string; rules: PlaybackRules } | undefined
let isAway: boolean
let asked: number
let tellChange: () => void
let watch: RuleWatch

beforeEach(() => {
  vi.useFakeTimers()
  told = undefined
  isAway = false
  asked = 0
  watch = watchRules(
    {
      async version() {
        if (isAway) throw new Error('away')
        return told?.version
      },
      async read() {
        asked += 1
        return told?.rules
      },
      watch(onChange) {
        tellChange = onChange
      },
    },
    { log },
  )
})
afterEach(() => {
  watch.close()
  vi.useRealTimers()
})

const tell = (version: string, revokedUntil: number, revoked: Record<string, number> = {}) => {
  told = { version, rules: { signed: { show: { channelId: 'c_1', revokedUntil } }, revoked } }
}
const untilOf = (slug: string) => watch.signed.get(slug)?.revokedUntil

test('nothing is known until a manager told something', async () => {
  await watch.look()
  expect(watch.areKnown).toBe(false)
  tell('1', 0)
  tellChange()
  await vi.advanceTimersByTimeAsync(0)
  expect([watch.areKnown, untilOf('show')]).toEqual([true, 0])
})

test('it looks for itself once a second, and reads only what is new', async () => {
  tell('1', 0)
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toBe(1)
  tell('2', 7)
  await vi.advanceTimersByTimeAsync(1000)
  expect([asked, untilOf('show')]).toEqual([2, 7])
})

test('a change that is told during a look is looked at too', async () => {
  tell('1', 0)
  const first = watch.look()
  tell('2', 7)
  tellChange()
  await first
  await vi.advanceTimersByTimeAsync(0)
  expect(untilOf('show')).toBe(7)
})

test('what was revoked stays revoked, whatever state Redis comes back with', async () => {
  tell('1', 50, { pt_1: later })
  await watch.look()
  isAway = true
  await vi.advanceTimersByTimeAsync(3000)
  expect([untilOf('show'), watch.revoked.has('pt_1')]).toEqual([50, true])
  isAway = false
  told = undefined
  await vi.advanceTimersByTimeAsync(3000)
  expect([untilOf('show'), watch.revoked.has('pt_1')]).toEqual([50, true])
  tell('an older one', 10)
  await vi.advanceTimersByTimeAsync(1000)
  expect([untilOf('show'), watch.revoked.has('pt_1')]).toEqual([50, true])
  told = {
    version: 'reborn',
    rules: { signed: { show: { channelId: 'c_2', revokedUntil: 0 } }, revoked: {} },
  }
  await vi.advanceTimersByTimeAsync(1000)
  expect(untilOf('show'), 'another channel of that name').toBe(0)
})

test('tokens that ended by themselves are forgotten', async () => {
  tell('1', 0, { pt_1: Date.now() + 1000, pt_2: later })
  await watch.look()
  await vi.advanceTimersByTimeAsync(2000)
  tell('2', 0)
  await vi.advanceTimersByTimeAsync(1000)
  expect([...watch.revoked.keys()]).toEqual(['pt_2'])
})
