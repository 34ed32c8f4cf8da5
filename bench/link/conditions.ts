/** What a link does to the packets of all its connections. */
export interface Conditions {
  /** Rates to the viewer and from the viewer, kbit/s; 0 is an outage. */
  downKbps: number
  upKbps: number
  /** Round-trip time, ms, without queues, jitter and the time to send a packet. */
  rttMs: number
  /** Maximum of a random additional delay in each direction, ms. The delay changes every 100 ms. */
  jitterMs: number
  /** Share of packets that are lost at random, 0..1. */
  loss: number
  /** Maximum bytes in the queue of each direction. A packet beyond it is lost, unless the queue is empty. */
  queueBytes: number
  /** Decides what a random loss does to a sender's window: see `SendWindow`. */
  congestion: 'bbr' | 'reno'
  /** Loopback address from which the viewer's connections reach the server. */
  address: string
}

/** Conditions that replace those of the base for a time. */
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

/** Creates a schedule of conditions. Its times are ms since its start. */
export function createSchedule({ base, phases = [], repeats = false }: ScheduleOptions) {
  const lengthMs = phases.reduce((sum, { seconds }) => sum + seconds * 1000, 0)
  const all = phases.map((phase) => ({ ...base, ...phase }))
  const starts = all.map((_, index) =>
    phases.slice(0, index).reduce((sum, { seconds }) => sum + seconds * 1000, 0),
  )

  /**
   * Returns the index of the phase at `atMs`, -1 without one, and the start of this pass through the phases,
   * ms.
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
    /** Returns whether the phase at `atMs` begins with a cut. */
    isCutAt: (atMs: number): boolean => phases[find(atMs).index]?.isCut ?? false,
  }
}
