import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import { createLog } from '../../core/process/log.ts'
import { watchRoster } from './roster-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const place = { url: null, scheme: 'http', host: '127.0.0.1', port: 8080 } as const
const edge = (pathway: string): EdgeReport => ({
  pathway,
  place,
  state: 'serving',
  load: { viewers: 0, delayMs: 0, busy: 0, egressBits: 0, overload: 0 },
  startedAt: 0,
})

/** Starts a watch over `edges`, which the test changes, and waits for its first reading. */
async function start(edges: EdgeReport[]) {
  const source = { edges: async () => [...edges], steering: async () => place }
  const log = createLog('test', 'silent')
  const watch = watchRoster(source, { pathway: 'a', log, now: Date.now })
  await vi.advanceTimersByTimeAsync(0)
  return watch
}

test('an edge that was always alone does not steer', async () => {
  const watch = await start([edge('a')])
  expect(watch.steering).toBeUndefined()
  watch.close()
})

test('playlists stay steered while the only other edge is missing for a moment', async () => {
  const edges = [edge('a'), edge('b')]
  const watch = await start(edges)
  expect(watch.steering).toEqual(place)
  edges.pop()
  await vi.advanceTimersByTimeAsync(25_000)
  expect(watch.steering, 'soon after').toEqual(place)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(watch.steering, 'long after').toBeUndefined()
  edges.push(edge('c'))
  await vi.advanceTimersByTimeAsync(2000)
  expect(watch.steering, 'with another edge').toEqual(place)
  watch.close()
})
