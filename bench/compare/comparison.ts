import { noiseBetween } from '../figures/noise.ts'
import { median } from '../figures/statistics.ts'
import type { Figure } from '../figures/table.ts'

/**
 * What became of a figure. `changed`: beyond the noise, but neither direction is better. `unknown`: its noise
 * is not known. `gone` and `new`: only the earlier or the later run has it.
 */
export type Verdict = 'worse' | 'better' | 'changed' | 'same' | 'unknown' | 'gone' | 'new'

/** A figure of an earlier and of a later run. */
export interface Compared {
  name: string
  unit: string
  before: number
  after: number
  /** Largest difference that means nothing, in `unit`; NaN when it is not known. */
  noise: number
  verdict: Verdict
}

/** Smallest share of a figure that counts as a difference, however equal its repeats were. */
const minShare = 0.01

/** Compares the figures of two runs of a suite, by their names. */
export function compareFigures(before: readonly Figure[], after: readonly Figure[]): Compared[] {
  const [earlier, later] = [byName(before), byName(after)]
  return [...new Set([...earlier.keys(), ...later.keys()])].map((name) => {
    const [one, other] = [earlier.get(name), later.get(name)]
    const unit = (other ?? one)?.unit ?? ''
    const values = { before: one?.value ?? Number.NaN, after: other?.value ?? Number.NaN }
    if (one === undefined || other === undefined)
      return { name, unit, ...values, noise: Number.NaN, verdict: one === undefined ? 'new' : 'gone' }
    const noise = Math.max(noiseBetween(one, other), minShare * Math.abs(one.value))
    return { name, unit, ...values, noise, verdict: verdictOf(one, other, noise) }
  })
}

/** Returns figures by their names. Several with the same name are repeats of one. */
const byName = (figures: readonly Figure[]): Map<string, Figure> =>
  new Map(
    [...Map.groupBy(figures, ({ name }) => name)].flatMap(([name, [first, ...more]]) => {
      if (first === undefined) return []
      const values = [first, ...more].map(({ value }) => value)
      return [[name, more.length === 0 ? first : { ...first, value: median(values), repeats: values }]]
    }),
  )

function verdictOf(before: Figure, after: Figure, noise: number): Verdict {
  const { atMost, better = atMost === undefined ? undefined : 'lower' } = after
  const direction = after.value < before.value ? 'lower' : 'higher'
  const hasMoved = () => (better === undefined ? 'changed' : direction === better ? 'better' : 'worse')
  if (before.value === after.value) return 'same'
  // Where more was not tried, nothing is known about more.
  const bound = direction === 'lower' ? after : before
  if (bound.isLowerBound === true) return 'unknown'
  // What never happens in one of the runs is no question of noise.
  if (Number.isFinite(before.value) !== Number.isFinite(after.value))
    return Number.isNaN(before.value + after.value) ? 'unknown' : hasMoved()
  if (Number.isNaN(noise)) return isNewlyMissed(before, after) ? 'worse' : 'unknown'
  return Math.abs(after.value - before.value) > noise ? hasMoved() : 'same'
}

const isNewlyMissed = (before: Figure, { value, atMost = Number.POSITIVE_INFINITY }: Figure): boolean =>
  before.value <= atMost && value > atMost
