/**
 * How timestamps were wrong:
 * - `step_back`: they went back.
 * - `step_ahead`: they jumped ahead of the wall clock.
 * - `other_base`: sound and picture count from different times.
 * - `late_packet`: a packet of the clock that was in use before the last step.
 * - `pause`: they did not move while time passed.
 * - `speed`: they run faster or slower than the wall clock.
 * - `stuck`: they do not move at all, or jump all the time. Arrival times are used instead.
 * - `composition`: presentation comes before decoding, or long after it.
 */
export const clockFaults = [
  'step_back',
  'step_ahead',
  'other_base',
  'late_packet',
  'pause',
  'speed',
  'stuck',
  'composition',
] as const
export type ClockFault = (typeof clockFaults)[number]

export interface ClockCorrection {
  fault: ClockFault
  /** How far the timestamps were off, ms; for `speed` the measured speed. */
  amount: number
}

export type OnCorrection = (correction: ClockCorrection) => void
