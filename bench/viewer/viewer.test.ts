import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createModelChannel } from '../../test/kit/model-channel/model-channel.ts'
import { type ServerScript, scriptedFolder } from '../../test/kit/model-channel/scripted-server.ts'
import { watchScripted } from '../../test/kit/model-channel/traces.ts'
import type { ViewerOptions } from './viewer-options.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const watch = (script: ServerScript, options: Partial<ViewerOptions>, ms: number) =>
  watchScripted({ script: () => script, ms }, options)

test('a low-latency viewer joins by parts and plays without a stall', async () => {
  const { figures } = await watch({ channel: createModelChannel() }, {}, 20_000)
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map(), faults: new Map() })
  expect(figures.joinMs).toBeLessThan(300)
  expect(figures.playedMs).toBeGreaterThan(19_000)
  // A playlist and a part for each part of two renditions.
  expect(figures.requests.playlist).toBeGreaterThan(2 * 60)
  expect(figures.requests.media).toBeGreaterThan(2 * 60)
})

test('a classic viewer loads a segment at a time', async () => {
  const channel = createModelChannel({ hasParts: false, hasAudio: false })
  const { figures } = await watch({ channel }, { isLowLatency: false }, 20_000)
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map(), faults: new Map() })
  expect(figures.requests.media).toBeLessThan(15)
})

test('the page begins with the multivariant playlist when there is no start bundle', async () => {
  const { figures, trace } = await watch({ channel: createModelChannel() }, { kind: 'page' }, 10_000)
  expect(trace.slice(0, 2).map(({ target }) => target)).toEqual([
    `${scriptedFolder}start-3000-0.bin?CMCD=sid%3D%22v%22%2Cv%3D2`,
    `${scriptedFolder}index.m3u8`,
  ])
  expect(figures).toMatchObject({ stalls: 0, losses: 0, errors: new Map() })
})

test('a viewer who is not patient leaves when no picture comes', async () => {
  const fault = () => ({ status: 500, body: Buffer.alloc(0) })
  const options = { isPatient: false, random: () => 0.5 }
  const { figures } = await watch({ channel: createModelChannel(), fault }, options, 60_000)
  expect(figures).toMatchObject({ phase: 'left', leaveReason: 'impatient', joinMs: undefined })
})
