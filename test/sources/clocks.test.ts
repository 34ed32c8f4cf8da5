import { describe, expect, test } from 'vitest'
import { encodeMessages, isAudio, isVideo, withTimes } from '../kit/sources/media-messages.ts'
import type { PacedOptions } from '../kit/sources/paced-publisher.ts'
import { useStage } from '../kit/sources/stage.ts'

const stage = useStage()

/** Time after the start at which timestamps change or pass a limit, ms. */
const changeMs = 2500
const hour = 3_600_000
const changed = (ms: number, change: number) => (ms < changeMs ? ms : ms + change)

// The tests run at the same time, because each takes seconds of real time.
describe.concurrent('viewers see everything at the right time when timestamps', () => {
  test.each<[string, (ms: number) => number, Partial<PacedOptions>]>([
    ['pass 2^24', (ms) => ms + 2 ** 24 - changeMs, { chunkSize: 128 }],
    [
      'pass 2^24 and are left out in later chunks',
      (ms) => ms + 2 ** 24 - changeMs,
      { chunkSize: 128, omitsExtendedTimes: true },
    ],
    [
      'begin beyond 2^24 and are left out in later chunks',
      (ms) => ms + 2 ** 25,
      { chunkSize: 128, omitsExtendedTimes: true },
    ],
    ['pass 2^31', (ms) => ms + 2 ** 31 - changeMs, {}],
    ['wrap after 2^32', (ms) => ms + 2 ** 32 - changeMs, {}],
    ['wrap after 2^31', (ms) => (ms + 2 ** 31 - changeMs) % 2 ** 31, {}],
    ['step back by 4.5 s', (ms) => changed(ms + 10_000, -4500), {}],
    ['step back by an hour', (ms) => changed(ms + 2 * hour, -hour), {}],
    ['begin again at 0', (ms) => (ms < changeMs ? ms : ms - changeMs), {}],
    ['step ahead by an hour', (ms) => changed(ms, hour), {}],
  ])('%s', async (_what, timeOf, options) => {
    const shown = await stage().show(withTimes(encodeMessages(), timeOf), { ...options, seconds: 3.5 })
    expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
    expect(shown.top?.frames).toBeGreaterThan(100)
    expect(shown.loudness).toBeGreaterThan(-50)
    expect(shown.seconds).toBeGreaterThan(3.5)
    expect(Math.abs(shown.lateMs)).toBeLessThan(4000)
  })

  test.each([
    ['sound counts from another time', isAudio, (ms: number) => ms + 15 * hour, 'other_base'],
    ['pictures count from another time', isVideo, (ms: number) => ms - 3000, 'other_base'],
    ['pictures stand still', isVideo, () => 40, 'stuck'],
    ['all stands still', () => true, () => 40, 'stuck'],
    ['all is in seconds', () => true, (ms: number) => Math.floor(ms / 1000), 'stuck'],
  ])('of a track are wrong: %s', async (_what, isMeant, timeOf, fault) => {
    const shown = await stage().show(withTimes(encodeMessages(), timeOf, isMeant), { seconds: 2 })
    expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
    expect(shown.loudness).toBeGreaterThan(-50)
    expect(shown.seconds).toBeGreaterThan(2)
    expect(shown.source?.clockCorrections[fault]).toBeGreaterThan(0)
    expect(Math.abs(shown.lateMs)).toBeLessThan(4000)
  })

  test('are right, and what was buffered comes first and at once', async () => {
    const late = encodeMessages().map((message) => ({ ...message, at: Math.max(0, message.at - 1500) }))
    const shown = await stage().show(late, { seconds: 4.5 })
    expect(shown.top).toMatchObject({ size: '320x180', errors: '' })
    expect(shown.source?.video?.fps).toBeCloseTo(30, 0)
    expect(shown.source?.clockCorrections).toEqual({})
    expect(shown.seconds).toBeGreaterThan(4.5)
  })
})
