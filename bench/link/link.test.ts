import { expect, test } from 'vitest'
import { median } from '../figures/statistics.ts'
import { type Conditions, createSchedule, type ScheduleOptions } from './conditions.ts'
import { packetBytes } from './flow.ts'
import { createLink, type Link } from './link.ts'
import { Wire } from './wire.ts'

const base: Conditions = {
  downKbps: 5000,
  upKbps: 5000,
  rttMs: 100,
  jitterMs: 0,
  loss: 0,
  queueBytes: 150_000,
  congestion: 'bbr',
  address: '127.0.0.1',
}

const linkOf = (changes: Partial<Conditions> = {}, rest: Omit<ScheduleOptions, 'base'> = {}, seed = 1) =>
  createLink(createSchedule({ base: { ...base, ...changes }, ...rest }), seed)

/** Creates a flow to the viewer, and records what arrives and when. */
function download(link: Link) {
  const arrivals: { at: number; bytes: number }[] = []
  const received: Buffer[] = []
  let hasEnded = false
  let now = 0
  const flow = link.flow('down', {
    deliver(data) {
      if (data === null) hasEnded = true
      else {
        arrivals.push({ at: now, bytes: data.length })
        received.push(data)
      }
    },
    isOpen: () => true,
    onSent() {},
  })
  return {
    flow,
    arrivals,
    received,
    hasEnded: () => hasEnded,
    bytes: () => arrivals.reduce((sum, each) => sum + each.bytes, 0),
    setNow(at: number) {
      now = at
    },
  }
}

/** Runs a link, event by event, until `until` (ms) or until no event is left. */
function run(link: Link, downloads: ReturnType<typeof download>[], until = Number.POSITIVE_INFINITY) {
  while (link.nextAt <= until && link.nextAt < Number.POSITIVE_INFINITY) {
    for (const each of downloads) each.setNow(link.nextAt)
    link.advance(link.nextAt)
  }
  link.advance(until === Number.POSITIVE_INFINITY ? 0 : until)
}

/** Writes `bytes` at the time `from`. Returns the time at which the last one arrives, ms. */
function timeOf(link: Link, bytes: number, from = 0): number {
  const one = download(link)
  one.flow.send(from, Buffer.alloc(bytes))
  run(link, [one])
  expect(one.bytes()).toBe(bytes)
  return one.arrivals.at(-1)?.at ?? Number.NaN
}

test.each([500, 5000, 50_000])('a long download has the rate of the link, %i kbit/s', (downKbps) => {
  const bytes = downKbps * 1250
  const seconds = timeOf(linkOf({ downKbps, rttMs: 20, queueBytes: downKbps * 50 }), bytes) / 1000
  const wireBits = bytes * 8 * (1 + 52 / packetBytes)
  expect(wireBits / seconds / 1000).toBeGreaterThan(0.97 * downKbps)
  expect(wireBits / seconds / 1000).toBeLessThanOrEqual(downKbps)
})

test('all connections share the rate', () => {
  const link = linkOf()
  const three = [download(link), download(link), download(link)]
  for (const each of three) each.flow.send(0, Buffer.alloc(4_000_000))
  run(link, three, 10_000)
  const total = three.reduce((sum, each) => sum + each.bytes(), 0)
  expect((total * 8) / 10_000).toBeGreaterThan(0.94 * base.downKbps)
  for (const each of three) expect(each.bytes()).toBeGreaterThan(0.2 * total)
})

test('a packet takes its time on the wire and half a round trip', () => {
  const link = linkOf()
  const one = download(link)
  one.flow.send(0, Buffer.alloc(packetBytes))
  run(link, [one])
  expect(one.arrivals[0]?.at).toBeCloseTo((1500 * 8) / 5000 + 50, 6)
})

test('a handshake takes a round trip', () => {
  const link = linkOf()
  let openedAt = 0
  link.handshake(0, (at) => {
    openedAt = at
  })
  run(link, [])
  expect(openedAt).toBeGreaterThan(100)
  expect(openedAt).toBeLessThan(101)
})

test('a new connection begins with ten packets and doubles them in each round trip', () => {
  const link = linkOf({ downKbps: 1_000_000, rttMs: 600, queueBytes: 10_000_000 })
  const one = download(link)
  one.flow.send(0, Buffer.alloc(70 * packetBytes))
  run(link, [one])
  const rounds = Map.groupBy(one.arrivals, ({ at }) => Math.floor(at / 600))
  expect([...rounds.values()].map(({ length }) => length)).toEqual([10, 20, 40])
})

test('the queue is bounded in bytes, and what does not fit is repeated', () => {
  const link = linkOf({ downKbps: 1000, queueBytes: 30_000 })
  const one = download(link)
  const data = Buffer.from(Array.from({ length: 600_000 }, (_, i) => i % 251))
  one.flow.send(0, data)
  run(link, [one])
  expect(Buffer.concat(one.received).equals(data)).toBe(true)
  expect(link.figures().lost.overflow).toBeGreaterThan(0)

  const wire = new Wire(link.schedule, 'down')
  const sent = Array.from({ length: 100 }, () => wire.send(0, 1500))
  expect(sent.filter((until) => until !== undefined).length).toBe(20)
  expect(wire.queuedBytes(0)).toBe(30_000)
  expect(Math.max(...sent.map((until) => until ?? 0))).toBeCloseTo(240, 6)
})

test('a lost packet holds up those behind it for one and a half round trips', () => {
  const link = linkOf({ loss: 0.02, downKbps: 100_000 })
  const one = download(link)
  for (let at = 0; at < 60_000; at += 20) {
    run(link, [one], at)
    one.setNow(at)
    one.flow.send(at, Buffer.alloc(packetBytes))
  }
  run(link, [one])
  const delays = one.arrivals.map(({ at }, index) => at - index * 20)
  const held = delays.filter((delay, index) => delay > 60 && (delays[index - 1] ?? 0) < 60)
  expect(median(held)).toBeCloseTo(200, 0)
  expect(link.figures().lost.random / delays.length).toBeCloseTo(0.02, 2)
})

test('losses cost rate, and more of it with Reno', () => {
  const timeWith = (loss: number, congestion: Conditions['congestion']) =>
    timeOf(linkOf({ queueBytes: 60_000, loss, congestion }), 5_000_000)
  expect(timeWith(0.02, 'bbr')).toBeGreaterThan(1.03 * timeWith(0, 'bbr'))
  expect(timeWith(0.02, 'reno')).toBeGreaterThan(2 * timeWith(0.02, 'bbr'))
})

test('the same seed has the same losses and delays, another one has others', () => {
  const arrivals = (seed: number) => {
    const link = linkOf({ loss: 0.02, jitterMs: 40 }, {}, seed)
    const one = download(link)
    one.flow.send(0, Buffer.alloc(500_000))
    run(link, [one])
    return one.arrivals
  }
  expect(arrivals(7)).toEqual(arrivals(7))
  expect(arrivals(7)).not.toEqual(arrivals(8))
})

test('the rate follows the schedule, and an outage stops everything', () => {
  const phases = [{ seconds: 2 }, { seconds: 4, downKbps: 0, upKbps: 0 }, { seconds: 4, downKbps: 1000 }]
  const link = linkOf({ rttMs: 20, queueBytes: 60_000 }, { phases })
  const one = download(link)
  one.flow.send(0, Buffer.alloc(3_000_000))
  run(link, [one], 10_000)
  const between = (from: number, to: number) =>
    one.arrivals.filter(({ at }) => at >= from && at < to).reduce((sum, { bytes }) => sum + bytes, 0)
  expect(between(1000, 2000) * 8).toBeGreaterThan(0.9 * 5_000_000)
  expect(between(2020, 6000)).toBe(0)
  const afterOutage = between(6000, 10_000)
  expect(afterOutage * 8).toBeGreaterThan(0.9 * 4_000_000)
  expect(afterOutage).toBeLessThanOrEqual(500_000 + 60_000)
})

test('phases repeat, or the base holds after them', () => {
  const phases = [
    { seconds: 0.25, downKbps: 500 },
    { seconds: 1, isCut: true },
  ]
  const rates = (repeats: boolean) => {
    const schedule = createSchedule({ base, phases, repeats })
    return [0, 249, 250, 1249, 1250, 1499, 1500].map((at) => schedule.at(at).downKbps)
  }
  expect(rates(true)).toEqual([500, 500, 5000, 5000, 500, 500, 5000])
  expect(rates(false)).toEqual([500, 500, 5000, 5000, 5000, 5000, 5000])
  const schedule = createSchedule({ base, phases })
  expect([schedule.nextChange(0), schedule.nextChange(250), schedule.nextChange(1250)]).toEqual([
    250,
    1250,
    Number.POSITIVE_INFINITY,
  ])
  expect([schedule.isCutAt(0), schedule.isCutAt(250)]).toEqual([false, true])
})

test('the end of a stream arrives after its data, and nothing after a close', () => {
  const link = linkOf({ loss: 0.2 })
  const [one, other] = [download(link), download(link)]
  one.flow.send(0, Buffer.alloc(20_000))
  one.flow.send(0, null)
  other.flow.send(0, Buffer.alloc(20_000))
  other.flow.close()
  run(link, [one, other])
  expect([one.bytes(), one.hasEnded()]).toEqual([20_000, true])
  expect([other.bytes(), other.hasEnded()]).toEqual([0, false])
})
