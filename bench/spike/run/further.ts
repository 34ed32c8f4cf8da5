import { type Architecture, chooseArchitectures } from '../architectures/architecture.ts'
import { readCurve } from '../curves/curve.ts'
import { calibrate, comparePredictions, type ModelPoint, type Prediction } from '../model/calibration.ts'
import { type CampaignOptions, runCurves, runSeconds, standSeconds } from './campaign.ts'
import type { RunResult } from './result.ts'

/** Curves of the whole campaign beside that of the knee, each with the factor by which it is faster. */
const furtherCurves = [
  { name: 'push', speed: 4 },
  { name: 'kickoff', speed: 10 },
  { name: 'climb-and-cliff', speed: 20 },
  { name: 'spillover', speed: 2 },
  { name: 'reconnect', speed: 1 },
  { name: 'hiccup', speed: 1 },
  { name: 'sync-switch', speed: 1 },
  { name: 'fight-night', speed: 15 },
]
/** Share of the knee with which further curves run. */
const furtherShare = 0.5

/** Crowds with which the model is calibrated, and those that it predicts. */
const calibrationSizes = [250, 500]
const predictedSizes = [1000, 2000]
/**
 * Time in which the crowds of the model arrive, ms. The model is about crowds that are there: 2000 viewers
 * who come within the time of a spike are off their plan, because all of them are one process.
 */
const modelGatherMs = 12_000
/** Architecture that is never used for calibration, and the size that is predicted for it. */
const unseen = { id: 'd-shield', viewers: 250 }

export const cpuName = 'CPU, cores'
/** The figure from which the number of edges follows. */
const cpuFigure = { name: cpuName, of: ({ serverCpu }: RunResult) => serverCpu }

const modelFigures: readonly { name: string; of(run: RunResult): number }[] = [
  { name: 'requests/s', of: ({ perSecond }) => perSecond.requests },
  { name: 'Mbit/s', of: ({ perSecond }) => perSecond.mbit },
  cpuFigure,
  { name: 'requests/s at the origin', of: ({ perSecond }) => perSecond.originRequests },
]

/** Returns the seconds that both further steps take. */
export function furtherSeconds({ scale }: Pick<CampaignOptions, 'scale'>): number {
  const curves = furtherCurves.map(({ name, speed }) => runSeconds(readCurve(name), scale, speed))
  const steady = runSeconds(readCurve('steady'), { ...scale, gatherMs: modelGatherMs })
  const sizes = calibrationSizes.length + predictedSizes.length + 1
  return curves.reduce((sum, each) => sum + each, 0) + sizes * steady + 3 * standSeconds
}

/** Runs the further curves on an architecture with this knee. */
export function runFurtherCurves(architecture: Architecture, knee: number, options: CampaignOptions) {
  const viewers = Math.max(20, Math.round(knee * furtherShare))
  const curves = furtherCurves.map(({ name, speed }) => ({ curve: readCurve(name), viewers, speed }))
  return runCurves(architecture, curves, 'further curves', options)
}

/** Measures what the model is calibrated with, and what it predicts. */
export async function measureModel(architecture: Architecture, options: CampaignOptions): Promise<void> {
  const curve = readCurve('steady')
  const calm = { ...options, scale: { ...options.scale, gatherMs: modelGatherMs } }
  const sizes = [...calibrationSizes, ...predictedSizes].filter((size) => size <= options.scale.maxViewers)
  const runs = sizes.map((viewers) => ({ curve, viewers }))
  await runCurves(architecture, runs, 'model', calm)
  for (const other of chooseArchitectures([unseen.id]))
    await runCurves(other, [{ curve, viewers: unseen.viewers }], 'model, not calibrated', calm)
}

/**
 * Returns what the model predicts for runs that it is not calibrated with, beside what they measured. `runs`
 * are those of `measureModel`. Without runs for the calibration there are no predictions.
 */
export function predictionsOf(runs: readonly RunResult[]): Prediction[] {
  const { calibration, counted } = calibrationOf(runs)
  if (calibration.length < calibrationSizes.length) return []
  const others = counted.filter((run) => !calibration.includes(run))
  return modelFigures.flatMap(({ name, of }) => {
    const point = (run: RunResult): ModelPoint & { architecture: string } => ({
      architecture: run.architecture,
      viewers: run.viewers,
      value: of(run),
    })
    return comparePredictions(name, calibration.map(point), others.map(point))
  })
}

function calibrationOf(runs: readonly RunResult[]) {
  const counted = runs.filter(({ isVoid }) => isVoid === undefined)
  const calibration = counted.filter(
    ({ architecture, viewers }) => architecture !== unseen.id && calibrationSizes.includes(viewers),
  )
  return { counted, calibration }
}

/**
 * Returns the CPU of our edge with the sizes that the model is calibrated with, and with those that were
 * measured to compare; undefined without a calibration.
 */
export function calibratedCpu(runs: readonly RunResult[]) {
  const { counted, calibration } = calibrationOf(runs)
  if (calibration.length < calibrationSizes.length) return undefined
  const point = (run: RunResult): ModelPoint => ({ viewers: run.viewers, value: cpuFigure.of(run) })
  const others = counted.filter((run) => run.architecture !== unseen.id && !calibration.includes(run))
  return {
    line: calibrate(calibration.map(point)),
    calibration: calibration.map(point),
    others: others.map(point),
  }
}
