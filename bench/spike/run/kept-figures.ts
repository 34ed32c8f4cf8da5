import { noiseOfSingle } from '../../figures/noise.ts'
import { type Figure, repeated } from '../../figures/table.ts'
import type { KneeResult } from './campaign.ts'
import type { RunResult } from './result.ts'
import { isLowerBound, type RunFigure, repeatedRuns, runFigures, shownRun } from './tables.ts'

/** Share of a knee within which that of the same seed lies when it is searched again. */
const kneeResolution = 0.1

/**
 * Returns the figures of a campaign by which it is compared with others. `same` has repeated runs of one
 * crowd: their figures have repeats, and the others get their noise. A figure that depends on the crowd has
 * its size in its name, so that only equal crowds are compared; see the option `--crowd`.
 */
export function keptFigures(knees: readonly KneeResult[], same: readonly RunResult[]): Figure[] {
  const groups = repeatedRuns(same)
  const repeatedFigures = groups.flatMap((runs) =>
    runFigures.map((figure) =>
      repeated(nameOf(runs[0], figure), figure.unit, valuesOf(runs, figure), directionOf(figure)),
    ),
  )
  const known = new Set(repeatedFigures.map(({ name }) => name))
  const single = knees
    .flatMap((each) => shownRun(each) ?? [])
    .flatMap((run) => {
      const runs = groups.find(([first]) => first?.architecture === run.architecture) ?? groups.at(-1) ?? []
      return runFigures.map((figure): Figure => {
        const value = figure.of(run)
        const noise = noiseOfSingle(value, valuesOf(runs, figure))
        return { name: nameOf(run, figure), unit: figure.unit, value, noise, ...directionOf(figure) }
      })
    })
  const all = [...repeatedFigures, ...single.filter(({ name }) => !known.has(name))]
  return [...knees.map(kneeFigure), ...all.filter(({ value }) => !Number.isNaN(value))]
}

const valuesOf = (runs: readonly RunResult[], figure: RunFigure) => runs.map((run) => figure.of(run))

const directionOf = ({ better }: RunFigure): Pick<Figure, 'better'> =>
  better === undefined ? {} : { better }

function nameOf(run: RunResult | undefined, { name, isPerViewer }: RunFigure): string {
  const where = `${run?.architecture}, ${run?.curve}`
  return isPerViewer ? `${where}: ${name}` : `${where}, ${run?.viewers} viewers: ${name}`
}

function kneeFigure(result: KneeResult): Figure {
  const { architecture, knee } = result
  const { viewers, upTo } = knee
  // Somewhere between both crowds the architecture stopped to serve.
  const gap = Number.isFinite(upTo) ? upTo - viewers : 0
  return {
    ...{ name: `${architecture.id}: knee`, unit: 'viewers', value: viewers, better: 'higher' },
    noise: Math.max(gap, kneeResolution * viewers),
    isLowerBound: isLowerBound(result),
  }
}
