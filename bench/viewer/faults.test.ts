import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createModelChannel } from '../../test/kit/model-channel/model-channel.ts'
import type { ScriptedResponse, ServerScript } from '../../test/kit/model-channel/scripted-server.ts'
import { watchScripted } from '../../test/kit/model-channel/traces.ts'
import { createMediaRecord, type MediaRecord } from './media/media-record.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const channel = () => createModelChannel({ videos: ['360p', '720p'] })
const ok = (body: Buffer): ScriptedResponse => ({ status: 200, body })
const partOf = (target: string) => /720p\/(\d+)\.(\d+)\.m4s$/.exec(target)?.slice(1).map(Number)

/** Returns the faults that a viewer finds in 8 s at a server that is faulty from 4 s on. */
async function faultsOf(fault: NonNullable<ServerScript['fault']>, record?: MediaRecord) {
  const made = channel()
  const script = () => ({
    channel: made,
    fault: (target: string, atMs: number, good: ScriptedResponse) =>
      atMs < 4000 ? undefined : fault(target, atMs, good),
  })
  const { figures } = await watchScripted({ script, ms: 8000 }, {}, record)
  return [...figures.faults.keys()]
}

describe('a viewer names what is wrong', { timeout: 30_000 }, () => {
  test('with nothing', async () => expect(await faultsOf(() => undefined)).toEqual([]))

  test('with a part that breaks off', async () => {
    const torn = (target: string, _: number, { body }: ScriptedResponse) =>
      partOf(target) && ok(body.subarray(0, body.length - 10))
    expect(await faultsOf(torn)).toEqual(['torn'])
  })

  test('with a part without media', async () => {
    const torn = (target: string, _: number, { body }: ScriptedResponse) =>
      partOf(target) && ok(body.subarray(0, body.readUInt32BE(0)))
    expect(await faultsOf(torn)).toEqual(['torn'])
  })

  test('with a playlist that breaks off', async () => {
    const torn = (target: string, atMs: number, { body }: ScriptedResponse) =>
      target.includes('720p.m3u8') && atMs < 4300 ? ok(body.subarray(0, -5)) : undefined
    expect(await faultsOf(torn)).toEqual(['torn'])
  })

  test('with the part before instead of the one that was asked for', async () => {
    const repeated = (target: string) => {
      const [msn = 0, part = 0] = partOf(target) ?? []
      return part === 3 ? ok(channel().part('720p', msn, part - 1)) : undefined
    }
    expect(await faultsOf(repeated)).toEqual(['repeated'])
  })

  test('with an older part', async () => {
    const stale = (target: string) => {
      const [msn = 0, part = 0] = partOf(target) ?? []
      return part === 3 ? ok(channel().part('720p', msn - 2, part)) : undefined
    }
    expect(await faultsOf(stale)).toEqual(['stale'])
  })

  test('with a playlist that does not have what the request names', async () => {
    const stale = (target: string) => {
      const [, msn, part] = /720p\.m3u8\?_HLS_msn=(\d+)&_HLS_part=(\d+)/.exec(target) ?? []
      return msn === undefined
        ? undefined
        : ok(Buffer.from(channel().playlist('720p', Number(msn) * 6 + Number(part) - 1)))
    }
    expect(await faultsOf(stale)).toEqual(['stale'])
  })

  test('with a part of another rendition', async () => {
    const wrong = (target: string) => {
      const [msn = 0, part = 0] = partOf(target) ?? []
      return part === 3 ? ok(channel().part('audio', msn, part)) : undefined
    }
    expect(await faultsOf(wrong)).toEqual(['wrong'])
  })

  test('with a later part', async () => {
    const wrong = (target: string) => {
      const [msn = 0, part = 0] = partOf(target) ?? []
      return part === 3 ? ok(channel().part('720p', msn + 1, part)) : undefined
    }
    expect(await faultsOf(wrong)).toEqual(['wrong'])
  })

  test('with bytes that are not those of the origin', async () => {
    const made = channel()
    const truth = (target: string) => {
      const [msn, part] = partOf(target) ?? []
      if (msn === undefined || part === undefined) return undefined
      return createHash('sha1')
        .update(made.part('720p', msn, part))
        .digest('hex')
    }
    const wrong = (target: string, _: number, { body }: ScriptedResponse) =>
      partOf(target) && ok(Buffer.from(body).fill(0, body.length - 4))
    expect(await faultsOf(() => undefined, createMediaRecord({ truth }))).toEqual([])
    expect(await faultsOf(wrong, createMediaRecord({ truth }))).toEqual(['wrong'])
  })

  test('with bytes that another viewer did not get', async () => {
    const record = createMediaRecord()
    vi.setSystemTime(0)
    expect(await faultsOf(() => undefined, record)).toEqual([])
    vi.setSystemTime(0)
    const wrong = (target: string, _: number, { body }: ScriptedResponse) =>
      partOf(target) && ok(Buffer.from(body).fill(0, body.length - 4))
    expect(await faultsOf(wrong, record)).toEqual(['wrong'])
  })

  test('with a playlist that numbers its segments in another way', async () => {
    const wrong = (target: string, _: number, { body }: ScriptedResponse) =>
      target.includes('720p.m3u8')
        ? ok(Buffer.from(body.toString().replaceAll(/(\d+)\.m4s/g, (_all, n) => `${Number(n) + 1}.m4s`)))
        : undefined
    expect(await faultsOf(wrong)).toContain('wrong')
  })
})
