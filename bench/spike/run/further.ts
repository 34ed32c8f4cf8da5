import { type Architecture, chooseArchitectures } from '../architectures/architecture.ts'
import { readCurve } from '../curves/curve.ts'
import { comparePredictions, type ModelPoint, type Prediction } from '../model/calibration.ts'
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
/** Architecture that is never used for calibration, and the size that is predicted for it. */
const unseen = { id: 'd-shield', viewers: 250 }

const modelFigures: readonly { name: string; of(run: RunResult): number }[] = [
  { name: 'requests/s', of: ({ perSecond }) => perSecond.requests },
  { name: 'Mbit/s', of: ({ perSecond }) => perSecond.mbit },
  { name: 'CPU, cores', of: ({ serverCpu }) => serverCpu },
  { name: 'requests/s at the origin', of: ({ perSecond }) => perSecond.originRequests },
]

/** Returns the seconds that both further steps take. */
export function furtherSeconds({ scale }: Pick<CampaignOptions, 'scale'>): number {
  const curves = furtherCurves.map(({ name, speed }) => runSeconds(readCurve(name), scale, speed))
  const steady = runSeconds(readCurve('steady'), scale)
  const sizes = calibrationSizes.length + predictedSizes.length + 1
  return curves.reduce((sum, each) => sum + each, 0) + sizes * steady + 3 * standSeconds
}

/** Runs the further curves on an architecture with this knee. */
export function runFurtherCurves(architecture: Architecture, knee: number, options: CampaignOptions) {
  const viewers = Math.max(20, Math.round(knee * furtherShare))
  const curves = furtherCurves.map(({ name, speed }) => ({ curve: readCurve(name), viewers, speed }))
  return runCurves(architecture, curves, 'further curves', options)
}

/** Measures what the model is calibrated with and what it predicts. Returns the predictions. */
export async function measureModel(
  architecture: Architecture,
  options: CampaignOptions,
): Promise<Prediction[]> {
  const steady = readCurve('steady')
  const sizes = [...calibrationSizes, ...predictedSizes].filter((size) => size <= options.scale.maxViewers)
  const runs = await runCurves(
    architecture,
    sizes.map((viewers) => ({ curve: steady, viewers })),
    'model',
    options,
  )
  const [other] = chooseArchitectures([unseen.id])
  const others =
    other === undefined
      ? []
      : await runCurves(other, [{ curve: steady, viewers: unseen.viewers }], 'model, not calibrated', options)
  return modelFigures.flatMap(({ name, of }) => {
    const point = (run: RunResult): ModelPoint & { architecture: string } => ({
      architecture: run.architecture,
      viewers: run.viewers,
      value: of(run),
    })
    const calibration = runs.filter(({ viewers }) => calibrationSizes.includes(viewers)).map(point)
    const predicted = [...runs.filter(({ viewers }) => !calibrationSizes.includes(viewers)), ...others]
    return comparePredictions(name, calibration, predicted.map(point))
  })
}
