import { type Load, type LoadLimits, pressureOf } from './load.ts'

/**
 * What an edge does about its load. `open`: nothing. `relaxed`: playlists go out without parts, so that players ask a fifth as often.
 * `refusing`: besides, whoever does not watch yet is asked to come back later.
 */
export type AdmissionStep = 'open' | 'relaxed' | 'refusing'

export const admissionSteps = ['open', 'relaxed', 'refusing'] as const satisfies readonly AdmissionStep[]

/** What serves viewers needs to know of it. */
export interface Gate {
  readonly step: AdmissionStep
}

export const openGate: Gate = { step: 'open' }

export interface AdmissionOptions {
  limits: LoadLimits
  /** Told of each step taken, up or down, with the load that made it. */
  onStep?: (step: AdmissionStep, load: Load) => void
  /** Overload for so long makes the next step, ms; at once in the next sample when it is twice what the edge bears. */
  sustainMs?: number
  /** A step up has so long to show what it does before the next one, ms. */
  settleMs?: number
  /** Calm for so long takes a step back, ms. */
  calmMs?: number
}

/** Share of the limits below which it is calm: the distance to 1 keeps the steps from flickering. */
const calmShare = 0.7
/** Relaxed viewers ask at least so much less: what they would cost otherwise must fit before they get parts again. */
const relaxedFactor = 4
/** Pressure from which there is no time to look twice. */
const severe = 2

export type Admission = ReturnType<typeof createAdmission>

/** Goes up and down the steps, one at a time, as the load says. `take` is called with a sample several times a second. */
export function createAdmission(options: AdmissionOptions) {
  const { limits, onStep, sustainMs = 500, settleMs = 1000, calmMs = 3000 } = options
  let level = 0
  let steppedAt = Number.NEGATIVE_INFINITY
  let overSince: number | undefined
  let calmSince: number | undefined
  const step = () => admissionSteps[level] ?? 'open'

  function move(by: 1 | -1, load: Load, time: number) {
    level += by
    steppedAt = time
    calmSince = undefined
    onStep?.(step(), load)
  }

  function isCalm(pressure: Load): boolean {
    if (Math.max(pressure.delayMs, pressure.busy, pressure.egressBits) >= calmShare) return false
    return step() !== 'relaxed' || pressure.busy * relaxedFactor < 1
  }

  return {
    get step() {
      return step()
    },

    /** Looks at a sample taken at `time`, ms. */
    take(load: Load, time: number): void {
      const pressure = pressureOf(load, limits)
      const worst = Math.max(pressure.delayMs, pressure.busy, pressure.egressBits)
      if (worst >= 1) {
        calmSince = undefined
        const isSustained = overSince !== undefined && time - overSince >= (worst >= severe ? 0 : sustainMs)
        overSince ??= time
        const hasSettled = level === 0 || time - steppedAt >= settleMs
        if (isSustained && hasSettled && level < admissionSteps.length - 1) move(1, load, time)
        return
      }
      overSince = undefined
      if (!isCalm(pressure)) calmSince = undefined
      else {
        calmSince ??= time
        if (level > 0 && time - calmSince >= calmMs) move(-1, load, time)
      }
    },
  }
}
