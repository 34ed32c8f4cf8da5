import { type Load, type LoadLimits, pressureOf } from './process-load.ts'

/**
 * What an edge does about its load. `open`: nothing. `relaxed`: playlists go out without parts, so that players ask a fifth as often.
 * `refusing`: besides, whoever does not watch yet is asked to come back later.
 */
export type AdmissionStep = 'open' | 'relaxed' | 'refusing'

export const admissionSteps = ['open', 'relaxed', 'refusing'] as const satisfies readonly AdmissionStep[]

/** What serves viewers needs to know of it. */
export interface Gate {
  readonly step: AdmissionStep
  /** Share of newcomers who are let in, 0..1. */
  readonly letsIn: number
}

export const openGate: Gate = { step: 'open', letsIn: 1 }

export interface AdmissionOptions {
  limits: LoadLimits
  /** Told of each step taken, up or down, with the load that made it. */
  onStep?: (step: AdmissionStep, load: Load) => void
  /** Overload for so long makes the first step, ms; at once in the next sample when it is twice what the edge bears. */
  sustainMs?: number
  /** A step up has so long to show what it does before the next one, ms. */
  settleMs?: number
  /** Calm for so long takes a step back, ms. */
  calmMs?: number
  /** After newcomers were refused the door opens little by little over so long, ms: all who wait outside would come in at once. */
  openingMs?: number
}

/** Share of the limits that makes the step from each: relaxed players come all at once with each segment, and none is to wait for a second. */
const overShare: Record<AdmissionStep, number> = { open: 1, relaxed: 0.65, refusing: 1 }
/** Share of the limits below which it is calm in each: the distance keeps the steps from flickering. */
const calmShare: Record<AdmissionStep, number> = { open: 0.7, relaxed: 0.7, refusing: 0.55 }
/** Relaxed viewers ask at least so much less: what they would cost otherwise must fit before they get parts again. */
const relaxedFactor = 4
/**
 * Over so long the work of relaxed viewers is averaged, ms: all of them come at once with each segment. For the same reason the second step
 * waits for no second look: a crowd that keeps the edge busy for a second at each segment is as much as it bears.
 */
const averageMs = 2000
/** Pressure from which there is no time to look twice. */
const severe = 2

export type Admission = ReturnType<typeof createAdmission>

/** Goes up and down the steps, one at a time, as the load says. `take` is called with a sample several times a second. */
export function createAdmission(options: AdmissionOptions) {
  const { limits, onStep, sustainMs = 500, settleMs = 1000, calmMs = 2500, openingMs = 5000 } = options
  let level = 0
  let steppedAt = Number.NEGATIVE_INFINITY
  let overSince: number | undefined
  let calmSince: number | undefined
  let averageBusy = 0
  let letsIn = 1
  /** When newcomers were last refused one and all. */
  let refusedAt = Number.NEGATIVE_INFINITY
  let takenAt: number | undefined
  const step = () => admissionSteps[level] ?? 'open'

  function move(by: 1 | -1, load: Load, time: number) {
    level += by
    steppedAt = time
    calmSince = undefined
    onStep?.(step(), load)
  }

  function average(busy: number, time: number) {
    const share = takenAt === undefined ? 1 : Math.min(1, (time - takenAt) / averageMs)
    averageBusy += share * (busy - averageBusy)
    takenAt = time
  }

  function isCalm(worst: number): boolean {
    if (worst >= calmShare[step()]) return false
    return step() !== 'relaxed' || averageBusy * relaxedFactor < 1
  }

  function look(load: Load, time: number) {
    const pressure = pressureOf(load, limits)
    average(pressure.busy, time)
    const worst = Math.max(pressure.delayMs, pressure.busy, pressure.egressBits)
    if (worst >= overShare[step()]) {
      calmSince = undefined
      const isSustained = overSince !== undefined && time - overSince >= (worst >= severe ? 0 : sustainMs)
      overSince ??= time
      const isDue = level === 0 ? isSustained : time - steppedAt >= settleMs
      if (isDue && level < admissionSteps.length - 1) move(1, load, time)
      return
    }
    overSince = undefined
    if (!isCalm(worst)) calmSince = undefined
    else {
      calmSince ??= time
      if (level > 0 && time - calmSince >= calmMs) move(-1, load, time)
    }
  }

  function openDoor(time: number) {
    if (step() === 'refusing') refusedAt = time
    letsIn = Math.min(1, (time - refusedAt) / openingMs)
  }

  return {
    get step() {
      return step()
    },
    get letsIn() {
      return letsIn
    },

    /** Looks at a sample taken at `time`, ms. */
    take(load: Load, time: number): void {
      look(load, time)
      openDoor(time)
    },
  }
}
