import { afterEach, expect, test, vi } from 'vitest'
import { createLog, limitLines, logContext } from './log.ts'

afterEach(() => void vi.useRealTimers())

test('strangers cause a limited number of lines of each kind, and the number of the others is logged', () => {
  vi.useFakeTimers()
  const lines: { msg: string; reason?: string; leftOut?: number }[] = []
  const log = createLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) })
  const limited = limitLines(log, { lines: 3, intervalMs: 1000 })
  for (let n = 0; n < 1000; n++) limited.info({ address: `192.0.2.${n}`, reason: 'left' }, 'refused')
  limited.info({ reason: 'bad_key' }, 'refused')
  limited.warn({}, 'other')
  expect(lines.map(({ msg, reason }) => reason ?? msg)).toEqual(['left', 'left', 'left', 'bad_key', 'other'])

  vi.advanceTimersByTime(1000)
  expect(lines.slice(5)).toMatchObject([{ msg: 'refused', reason: 'left', leftOut: 997 }])
  limited.info({ reason: 'left' }, 'refused')
  expect(lines).toHaveLength(7)
  vi.advanceTimersByTime(10_000)
  expect(lines).toHaveLength(7)
})

test('lines of a context have its fields, and a later line about lines left out has not', () => {
  vi.useFakeTimers()
  const lines: { msg: string; requestId?: string }[] = []
  const log = createLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) })
  const limited = limitLines(log, { lines: 1, intervalMs: 1000 })
  logContext.run({ requestId: 'one' }, () => {
    limited.info({}, 'refused')
    limited.info({}, 'refused')
    log.info({ slug: 'show' }, 'changed')
  })
  vi.advanceTimersByTime(1000)
  expect(lines.map(({ msg, requestId }) => [msg, requestId])).toEqual([
    ['refused', 'one'],
    ['changed', 'one'],
    ['refused', undefined],
  ])
})
