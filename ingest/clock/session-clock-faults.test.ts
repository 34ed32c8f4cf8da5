import { expect, test } from 'vitest'
import { audio, clockStream, runClock, video } from '../../test/kit/ingest/clock-stream.ts'
import { createRandom } from '../../test/kit/random.ts'

test.each(Array.from({ length: 100 }, (_, n) => n + 1))('faults of any kind, in any order (%d)', (seed) => {
  const random = createRandom(seed)
  const raws = new Map([
    [audio, random() * 2 ** 32],
    [video, random() * 2 ** 32],
  ])
  const speeds = new Map([
    [audio, 1],
    [video, 1],
  ])
  const faults = Array.from({ length: 4 }, () => ({ at: 2000 + random() * 38_000, kind: random() }))
  const last = new Map<number, number>()
  const packets = clockStream({ seconds: 60, delay: () => 20 + random() * 30 })
  const applyFault = (kind: number) => {
    const size = random() * 8
    for (const track of [audio, video].filter(() => random() < 0.7)) {
      if (kind < 0.6) raws.set(track, (raws.get(track) ?? 0) + (kind < 0.3 ? 1 : -1) * 10 ** size)
      else speeds.set(track, kind < 0.75 ? 0 : kind < 0.9 ? 1 : size / 2)
    }
  }
  const damaged = packets.map((packet) => {
    for (const { kind } of faults.filter(({ at }) => at <= packet.truth)) applyFault(kind)
    faults.splice(0, faults.length, ...faults.filter(({ at }) => at > packet.truth))
    const elapsed = packet.truth - (last.get(packet.track) ?? 0)
    last.set(packet.track, packet.truth)
    const raw = (raws.get(packet.track) ?? 0) + elapsed * (speeds.get(packet.track) ?? 1)
    raws.set(packet.track, raw)
    return { ...packet, raw: Math.round(raw) >>> 0 }
  })
  // `runClock` expects session times to increase in each track. From 55 s on, at least 15 s after the last
  // fault, they must also be near the wall clock.
  expect(runClock(damaged, 55_000).fromWall).toBeLessThanOrEqual(1200)
})
