/** What a link does to the packets of all its connections. */
export interface Conditions {
  /** Rates to the viewer and from the viewer, kbit/s. With 0 nothing is sent. */
  downKbps: number
  upKbps: number
  /** Round-trip time, ms, without queues, jitter and the time to send a packet. */
  rttMs: number
  /** Maximum additional delay in each direction, ms. The delay is random and changes every 100 ms. */
  jitterMs: number
  /** Share of packets that are lost at random, 0..1. */
  loss: number
  /**
   * Maximum number of bytes in the queue of each direction. A packet that does not fit is lost, unless the
   * queue is empty.
   */
  queueBytes: number
  /** What a random loss does to the window of a sender: see `SendWindow`. */
  congestion: 'bbr' | 'reno'
  /** Loopback address from which the viewer's connections reach the server. */
  address: string
}

/** Conditions that replace those of the base for `seconds`. */
export interface Phase extends Partial<Conditions> {
  seconds: number
  /** Whether all connections are cut when the phase begins. */
  isCut?: boolean
}

export interface ScheduleOptions {
  base: Conditions
  /** Phases in order. Without any, the base always holds. */
  phases?: readonly Phase[]
  /** Whether the phases begin again after the last one. Otherwise the base holds from then on. */
  repeats?: boolean
}

export type Schedule = ReturnType<typeof createSchedule>

/** Creates the conditions of a link over time. All times are ms since the start of the schedule. */
export function createSchedule({ base, phases = [], repeats = false }: ScheduleOptions) {
  const lengthMs = phases.reduce((sum, { seconds }) => sum + seconds * 1000, 0)
  const all = phases.map((phase) => ({ ...base, ...phase }))
  const starts = all.map((_, index) =>
    phases.slice(0, index).reduce((sum, { seconds }) => sum + seconds * 1000, 0),
  )

  /**
   * Returns the index of the phase at a time, and the start of the current round of phases, ms. While the
   * base holds, the index is -1 and the start 0.
   */
  function find(atMs: number): { index: number; roundMs: number } {
    if (lengthMs === 0 || (!repeats && atMs >= lengthMs) || atMs < 0) return { index: -1, roundMs: 0 }
    const roundMs = Math.floor(atMs / lengthMs) * lengthMs
    return { index: starts.findLastIndex((start) => start <= atMs - roundMs), roundMs }
  }

  return {
    /** Length of all phases together, ms; 0 without any. */
    lengthMs,
    at: (atMs: number): Conditions => all[find(atMs).index] ?? base,
    /** Returns the time of the next change after `atMs`, ms; Infinity when there is none. */
    nextChange(atMs: number): number {
      const { index, roundMs } = find(atMs)
      return index < 0 ? Number.POSITIVE_INFINITY : roundMs + (starts[index + 1] ?? lengthMs)
    },
    /** Returns whether the phase that begins at `atMs` cuts connections. */
    isCutAt: (atMs: number): boolean => phases[find(atMs).index]?.isCut ?? false,
  }
}
