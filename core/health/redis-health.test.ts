import { expect, test } from 'vitest'
import { troublesOf } from './redis-health.ts'

const well = { tookMs: 2, error: undefined, clockOffsetMs: 0 }

test.each([
  ['nothing', well, 0, true, ''],
  ['no connection', { ...well, error: 'OOM command not allowed' }, 0, false, 'away'],
  ['no response', well, 6000, true, 'away'],
  ['a late response', { ...well, tookMs: 2000 }, 0, true, 'slow'],
  ['a response that is still to come', well, 700, true, 'slow'],
  [
    'a replica',
    { ...well, error: "READONLY You can't write against a read only replica." },
    0,
    true,
    'read_only',
  ],
  ['no replicas', { ...well, error: 'NOREPLICAS Not enough good replicas to write.' }, 0, true, 'read_only'],
  [
    'memory',
    { ...well, error: "OOM command not allowed when used memory > 'maxmemory'." },
    0,
    true,
    'out_of_memory',
  ],
  ['disk', { ...well, error: 'MISCONF Errors writing to the AOF file' }, 0, true, 'disk_full'],
  ['loading', { ...well, error: 'LOADING Redis is loading the dataset in memory' }, 0, true, 'refusing'],
  ['a fast clock', { ...well, clockOffsetMs: 60_000 }, 0, true, 'clock'],
  ['a slow clock', { ...well, clockOffsetMs: -2500 }, 0, true, 'clock'],
  ['an uncertain offset', { ...well, tookMs: 2000, clockOffsetMs: 2500 }, 0, true, 'slow'],
  ['two troubles', { ...well, clockOffsetMs: 9000, error: 'MISCONF x' }, 0, true, 'disk_full clock'],
])('%s', (_, probe, waitingMs, isConnected, expected) => {
  expect([...troublesOf(probe, waitingMs, isConnected)].join(' ')).toBe(expected)
})
