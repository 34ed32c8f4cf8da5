import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLog } from '../../core/process/log.ts'
import { plainPlan as plan } from '../../test/kit/transcoder/plain-plan.ts'
import type { TranscodePlan } from '../plan/plan.ts'
import { createSessionSlate } from './session-slate.ts'
import type { SlateMedia } from './slate-media.ts'

/** The same plan when there is room for nothing that is encoded. */
const reduced: TranscodePlan = { ...plan, video: plan.video.slice(0, 1), omitted: plan.video.slice(1) }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp({ wanted = 'a' as string | undefined, failures = 0 } = {}) {
  const state = { wanted, failures, used: [] as string[], released: 0, ready: 0, failed: 0 }
  const slate = createSessionSlate({
    library: {
      use(sha256, { video }) {
        const names = video.map(({ name }) => name)
        state.used.push(`${sha256} ${names}`)
        const renditions: SlateMedia['renditions'] = new Map(
          names.map((name) => [name, { record: Buffer.alloc(0), frames: [] }]),
        )
        const media: Promise<SlateMedia> =
          state.failures-- > 0
            ? Promise.reject(new Error('no manager is present'))
            : Promise.resolve({ lengthMs: 2000, fps: 25, renditions })
        return { media, release: () => state.released++ }
      },
    },
    wanted: () => state.wanted,
    onReady: () => state.ready++,
    failures: { inc: () => state.failed++ },
    log: createLog('test', 'silent'),
  })
  return { state, slate }
}

test('a slate is prepared once for all renditions that the session can have', async () => {
  const { state, slate } = setUp()
  slate.prepare(reduced)
  expect(slate.of(reduced)).toBeUndefined()
  await vi.advanceTimersByTimeAsync(0)
  slate.prepare(plan)
  slate.prepare(reduced)
  expect(state).toMatchObject({ used: ['a 720p,240p'], ready: 1, released: 0 })
  expect(slate.of(plan)).toBe(slate.of(reduced))
  const larger = { name: '480p', width: 854, height: 480, bitrate: 800_000 }
  expect(slate.of({ ...plan, video: [...plan.video, larger] })).toBeUndefined()
})

test('another slate or other sizes replace it, and a channel may have no slate any more', async () => {
  const { state, slate } = setUp()
  slate.prepare(plan)
  state.wanted = 'b'
  slate.prepare(plan)
  await vi.advanceTimersByTimeAsync(0)
  slate.prepare(reduced)
  slate.prepare({ ...reduced, omitted: [] })
  expect(state).toMatchObject({ used: ['a 720p,240p', 'b 720p,240p', 'b 720p'], ready: 1, released: 2 })
  state.wanted = undefined
  slate.prepare(plan)
  expect(state.released).toBe(3)
  expect(slate.of(plan)).toBeUndefined()
})

test('another frame rate replaces it, and a ladder that shrinks does not', () => {
  const { state, slate } = setUp()
  slate.prepare(plan)
  slate.prepare(reduced)
  slate.prepare({ ...plan, fps: 30 })
  expect(state).toMatchObject({ used: ['a 720p,240p', 'a 720p,240p'], released: 1 })
})

test('a session without pictures has no slate', () => {
  const { state, slate } = setUp()
  slate.prepare({ ...plan, video: [], fps: 0 })
  expect(state.used).toEqual([])
})

test('a slate that fails is tried again until it is closed', async () => {
  const { state, slate } = setUp({ failures: 2 })
  slate.prepare(plan)
  await vi.advanceTimersByTimeAsync(16_000)
  expect(state).toMatchObject({ failed: 2, ready: 0 })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(state).toMatchObject({ failed: 2, ready: 1, released: 2 })
  state.failures = 5
  state.wanted = 'b'
  slate.prepare(plan)
  await vi.advanceTimersByTimeAsync(0)
  slate.close()
  const used = state.used.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(state.used).toHaveLength(used)
})
