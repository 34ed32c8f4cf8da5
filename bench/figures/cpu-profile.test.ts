import { expect, test } from 'vitest'
import { busiestFunctions, type CpuProfile } from './cpu-profile.ts'

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 41 })
const second = 1_000_000

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('read', 'file:///nowcast/ingest/rtmp/reader.ts') },
    { id: 3, callFrame: frame('(garbage collector)') },
    { id: 4, callFrame: frame('start') },
  ],
  samples: [4, 1, 2, 3, 1, 4],
  timeDeltas: [0, 10 * second, second, 3 * second, second, second],
}

test('the functions of a profile are sorted by their own time, without idle time', () => {
  const { functions, busy } = busiestFunctions(profile, { seconds: 5, skippedSeconds: 1, count: 9 })
  expect(functions).toEqual([
    { name: 'read (rtmp/reader.ts:42)', share: 0.75 },
    { name: '(garbage collector)', share: 0.25 },
  ])
  expect(busy).toBe(0.8)
})
