import type { ViewerFigures } from '../../viewer/figures.ts'
import type { Crowd } from './crowd.ts'

/** The viewers of a group at one time. */
export interface GroupState {
  present: number
  playing: number
  stalled: number
  refused: number
}

/** State of a run in one second. */
export interface Sample {
  /** Seconds after the start of the curve. */
  at: number
  insiders: GroupState
  newcomers: GroupState
  /** Since the sample before, for each second. */
  requests: number
  joins: number
  errors: number
  /** Errors by their kind. */
  errorKinds: Readonly<Record<string, number>>
  mbit: number
  /** Latency to live of the viewers who play, median and 95th percentile, ms; NaN without any. */
  latencyMs: number
  latencyP95Ms: number
  /** Share of a core that all servers used together, and that the generator used. */
  serverCpu: number
  generatorCpu: number
  /** Share of a core that each server used, by its name. */
  cpu: Readonly<Record<string, number>>
  /** Longest delay of the generator's event loop, ms. */
  lagMs: number
  /** Longest delay of the event loop of any server that reports it, ms; NaN when none does. */
  serverLagMs: number
  originRequests: number
  originMbit: number
}

/** Seconds that the viewers of a group spent in each state since the curve began. */
export interface GroupTime {
  playing: number
  stalled: number
}

const noState = (): GroupState => ({ present: 0, playing: 0, stalled: 0, refused: 0 })

/** Returns the state of both groups now. */
export function statesOf({ members }: Crowd): { insiders: GroupState; newcomers: GroupState } {
  const states = { insiders: noState(), newcomers: noState() }
  for (const { viewer, isInsider } of members) {
    const { phase, joinMs } = viewer.figures
    if (phase === 'left') continue
    const state = isInsider ? states.insiders : states.newcomers
    state.present++
    if (phase === 'playing') state.playing++
    else if (phase === 'refused') state.refused++
    // A player that joins again after a loss has no picture either.
    else if (joinMs !== undefined) state.stalled++
  }
  return states
}

/** Returns the bytes of all bodies that a viewer received. */
export const bytesOf = ({ bytes }: Pick<ViewerFigures, 'bytes'>): number =>
  bytes.multivariant + bytes.bundle + bytes.playlist + bytes.init + bytes.media
