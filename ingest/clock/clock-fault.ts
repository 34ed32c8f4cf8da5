/**
 * Ways in which timestamps of publishers are wrong:
 * - `step_back`: they went back.
 * - `step_ahead`: they jumped ahead of the wall clock.
 * - `other_base`: sound and picture do not count from the same time.
 * - `late_packet`: after a step, a packet arrives with a timestamp from before the step.
 * - `pause`: they fell behind the wall clock but run at its speed, as after a pause.
 * - `speed`: they run faster or slower than the wall clock.
 * - `stuck`: they hardly move, or jump all the time. Times of arrival replace them.
 * - `composition`: a picture would be presented before it is decoded, or too long after that.
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
  /**
   * Size of the error, ms; 0 for `late_packet` and `stuck`. For `speed` it is the measured ratio to the speed
   * of the wall clock.
   */
  amount: number
}

export type OnCorrection = (correction: ClockCorrection) => void
