import { expect } from 'vitest'
import type { ClockFault } from '../../../ingest/clock/clock-fault.ts'
import { SessionClock } from '../../../ingest/clock/session-clock.ts'

/** Track ids of the session clock in unit tests. */
export const [audio, video] = [8, 9]

export interface ClockPacket {
  track: number
  /** Time of capture, ms. Session times are right when they equal it. */
  truth: number
  raw: number
  arrivedAt: number
}

export type TimeOf = (truth: number, track: number) => number

export interface Stream {
  seconds?: number
  fps?: number
  /** Time at which the track begins, ms, 0 by default; undefined when there is no such track. */
  videoFrom?: number | undefined
  audioFrom?: number | undefined
  /** RTMP timestamp of a packet, ms; its time of capture by default. */
  raw?: TimeOf
  /** Time that a packet spends in the network, ms; 20 by default. */
  delay?: TimeOf
}

/**
 * Creates pictures and frames of sound (1024 samples at 48 kHz) in the order of their arrival. No packet
 * overtakes another.
 */
export function clockStream({ seconds = 40, fps = 30, ...options }: Stream): ClockPacket[] {
  const { raw = (truth) => truth, delay = () => 20 } = options
  const videoFrom = 'videoFrom' in options ? options.videoFrom : 0
  const audioFrom = 'audioFrom' in options ? options.audioFrom : 0
  const times = (track: number, everyMs: number, from: number | undefined) =>
    from === undefined
      ? []
      : Array.from({ length: Math.ceil((seconds * 1000) / everyMs) }, (_, n) => ({
          track,
          truth: n * everyMs,
        }))
          .filter(({ truth }) => truth >= from)
          .map(({ truth }) => ({ track, truth, raw: Math.round(raw(truth, track)) >>> 0 }))
  let arrivedAt = 0
  return [...times(video, 1000 / fps, videoFrom), ...times(audio, 1024 / 48, audioFrom)]
    .sort((one, other) => one.truth - other.truth)
    .map((packet) => {
      arrivedAt = Math.max(arrivedAt, packet.truth + delay(packet.truth, packet.track))
      return { ...packet, arrivedAt }
    })
}

/**
 * Passes packets to a session clock, whose zero is fixed after 0.4 s. Expects its times to begin at 0 and to
 * increase in each track. Returns the largest gap in a track, the largest errors from `settledMs` on, all in
 * ms, and the number of corrections by fault.
 */
export function runClock(packets: readonly ClockPacket[], settledMs = 4000) {
  const faults: Partial<Record<ClockFault, number>> = {}
  const clock = new SessionClock(({ fault }) => {
    faults[fault] = (faults[fault] ?? 0) + 1
  })
  const last = new Map<number, number>()
  const error = new Map<number, number>()
  const worst = { fromWall: 0, betweenTracks: 0, gap: 0 }
  const [first] = packets
  let anchor: number | undefined
  for (const packet of packets) {
    const time = clock.place(packet.track, packet.raw, 1e6 + packet.arrivedAt)
    const before = last.get(packet.track)
    if (packet === first) expect(time).toBe(0)
    expect(time).toBeGreaterThan(before ?? -1)
    expect(Number.isInteger(time)).toBe(true)
    if (before !== undefined) worst.gap = Math.max(worst.gap, time - before)
    last.set(packet.track, time)
    const elapsed = packet.arrivedAt - (first?.arrivedAt ?? 0)
    if (elapsed >= 400) anchor ??= clock.anchor()
    if (anchor === undefined || elapsed < settledMs) continue
    error.set(packet.track, time - packet.truth)
    worst.fromWall = Math.max(worst.fromWall, Math.abs(time - (1e6 + packet.arrivedAt - anchor)))
    const errors = [...error.values()]
    worst.betweenTracks = Math.max(worst.betweenTracks, Math.max(...errors) - Math.min(...errors))
  }
  return { ...worst, faults }
}
