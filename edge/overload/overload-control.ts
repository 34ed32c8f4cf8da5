import { type LoadLimits, noLoad, type ProcessLoad, pressureOf } from './process-load.ts'

/**
 * Step of overload control. `open`: no overload. `sparing`: newcomers get playlists without parts, so their
 * players send far fewer requests. `relaxed`: so does everyone. `refusing`: in addition, newcomers are asked
 * to come back later.
 */
export type OverloadStep = 'open' | 'sparing' | 'relaxed' | 'refusing'

export const overloadSteps = [
  'open',
  'sparing',
  'relaxed',
  'refusing',
] as const satisfies readonly OverloadStep[]

export interface OverloadState {
  readonly step: OverloadStep
  /** Share of newcomers who are admitted, 0 to 1. */
  readonly admitRatio: number
}

export const noOverload: OverloadState = { step: 'open', admitRatio: 1 }

export interface OverloadControlOptions {
  limits: LoadLimits
  /** Called after each change of the step, with the load that caused it. */
  onStep?: (step: OverloadStep, load: ProcessLoad) => void
  /**
   * Time that overload must last before the first step, ms. At twice the limits the second sample is enough.
   */
  sustainMs?: number
  /** Minimum time between two steps up, ms, so that the first one can take effect. */
  settleMs?: number
  /** Time that calm must last before a step down, ms. */
  calmMs?: number
  /**
   * Time in which `admitRatio` grows from 0 to 1 after newcomers were refused, ms. Otherwise all of them
   * would come at once.
   */
  openingMs?: number
}

/**
 * Load, as a fraction of the limits, at which the step goes up, for each present step. Two are lower. The
 * first step comes early, so that there is room for those who come without parts. And `relaxed` players send
 * their requests in a burst for each segment, and bursts need headroom.
 */
const escalateAt: Record<OverloadStep, number> = { open: 0.85, sparing: 1, relaxed: 0.65, refusing: 1 }
/**
 * Load, as a fraction of the limits, below which the edge is calm, for each present step. It is less than the
 * `escalateAt` of the step below, so that the step does not go up again at once.
 */
const calmBelow: Record<OverloadStep, number> = { open: 0.7, sparing: 0.5, relaxed: 0.7, refusing: 0.55 }
/**
 * Factor by which requests are assumed to grow when the step ends, because players without parts get them
 * back. The step goes down only when the average utilisation, times this factor, would be below its limit.
 */
const growthAfter: Record<OverloadStep, number> = { open: 1, sparing: 2, relaxed: 4, refusing: 1 }
/**
 * Time over which utilisation is averaged, ms, because players without parts all send their requests at once
 * for each segment.
 */
const averageMs = 2000
/** Load, as a fraction of the limits, from which no step waits longer than it must. */
const severe = 2
/**
 * Factor by which `sparing` lasts longer than other steps before the next one. A crowd that comes at once is
 * a load of a few seconds, and those who play parts have a buffer for them.
 */
const patience = 4

export type OverloadControl = ReturnType<typeof createOverloadControl>

/** Decides from samples of the load what the edge does about it. The step changes by one at a time. */
export function createOverloadControl(options: OverloadControlOptions) {
  const { limits, onStep, sustainMs = 500, settleMs = 1000, calmMs = 2500, openingMs = 5000 } = options
  const average = createAverage(averageMs)
  const step = { level: 0, since: Number.NEGATIVE_INFINITY }
  /**
   * `overSince`: since when the load has been too high without a break, ms; undefined when it is not.
   * `calmSince`: the same for calm. It begins again after each change of the step.
   */
  let overSince: number | undefined
  let calmSince: number | undefined
  /** When the step was last `refusing`, ms of the edge's clock. `admitRatio` grows from then on. */
  let refusedAt = Number.NEGATIVE_INFINITY
  let state = noOverload
  let lastLoad = noLoad

  const stepNow = () => overloadSteps[step.level] ?? 'open'

  function move(by: 1 | -1, load: ProcessLoad, time: number) {
    step.level += by
    step.since = time
    calmSince = undefined
    onStep?.(stepNow(), load)
  }

  function escalate(worst: number, load: ProcessLoad, time: number) {
    calmSince = undefined
    const isSevere = worst >= severe
    const isSustained = overSince !== undefined && time - overSince >= (isSevere ? 0 : sustainMs)
    overSince ??= time
    const waitMs = stepNow() === 'sparing' && !isSevere ? patience * settleMs : settleMs
    const isDue = step.level === 0 ? isSustained : time - step.since >= waitMs
    if (isDue && step.level < overloadSteps.length - 1) move(1, load, time)
  }

  function relent(isCalm: boolean, load: ProcessLoad, time: number) {
    overSince = undefined
    if (!isCalm) {
      calmSince = undefined
      return
    }
    calmSince ??= time
    if (step.level > 0 && time - calmSince >= calmMs) move(-1, load, time)
  }

  return {
    /** The present state. It is the same object until the step or the ratio changes. */
    get state(): OverloadState {
      return state
    },

    get load(): ProcessLoad {
      return lastLoad
    },

    /** To be called with a sample of the load several times a second. `time` is in ms of the edge's clock. */
    update(load: ProcessLoad, time: number): void {
      lastLoad = load
      const pressure = pressureOf(load, limits)
      const worst = Math.max(pressure.delayMs, pressure.busy, pressure.egressBits)
      const averageBusy = average.add(pressure.busy, time)
      const current = stepNow()
      const canBearParts = averageBusy * growthAfter[current] < 1
      if (worst >= escalateAt[current]) escalate(worst, load, time)
      else relent(worst < calmBelow[current] && canBearParts, load, time)
      if (stepNow() === 'refusing') refusedAt = time
      const admitRatio = Math.min(1, (time - refusedAt) / openingMs)
      if (stepNow() !== state.step || admitRatio !== state.admitRatio) state = { step: stepNow(), admitRatio }
    },
  }
}

/** Creates an exponential average with a time constant of `spanMs`. */
function createAverage(spanMs: number) {
  let average = 0
  let addedAt: number | undefined
  return {
    /** Adds a value and returns the new average. `time`: ms of the edge's clock. */
    add(value: number, time: number): number {
      const share = addedAt === undefined ? 1 : Math.min(1, (time - addedAt) / spanMs)
      average += share * (value - average)
      addedAt = time
      return average
    },
  }
}
