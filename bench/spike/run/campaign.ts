import { createCoreShare } from '../../stand/core-share.ts'
import type { Architecture, Stand } from '../architectures/architecture.ts'
import { startStand } from '../architectures/stand.ts'
import type { Curve } from '../curves/curve.ts'
import { type Plan, planViewers } from '../curves/plan.ts'
import { type Knee, kneeOf, nextSize, type Trial } from './knee.ts'
import type { Progress } from './progress.ts'
import type { RunResult } from './result.ts'
import { runPlan } from './run.ts'

/** Lengths and sizes of a campaign. */
export interface CampaignScale {
  /** Share of one core that all servers of an architecture may use together, 0..1. */
  coreShare: number
  gatherMs: number
  settleMs: number
  /** Largest crowd. */
  maxViewers: number
  /** See `KneeOptions`. */
  kneeRatio: number
  maxTrials: number
  /** Number of runs of the same crowd that show the noise. */
  repeats: number
}

export interface CampaignOptions {
  source: string
  seed: number
  scale: CampaignScale
  progress: Progress
  /** Called with each run when it ends. */
  onRun(purpose: Purpose, result: RunResult): void
}

/** What a run is made for. */
export type Purpose = 'knee' | 'knee again' | 'noise' | 'further curves' | 'model' | 'model, not calibrated'

/** An architecture with its knee, and the runs that led to it. */
export interface KneeResult {
  architecture: Architecture
  knee: Knee
  /** All runs that count, by size. */
  runs: readonly RunResult[]
  configs: Stand['configs']
}

const smallestCrowd = 20

/** Seconds that a run of a curve takes, with its crowd's arrival and departure. */
export const runSeconds = (curve: Curve, { gatherMs, settleMs }: CampaignScale, speed = 1): number =>
  (gatherMs + settleMs) / 1000 + curve.seconds / speed + 1.5
/** Seconds that the start and the stop of an architecture take. */
export const standSeconds = 6

/** Whether a run counts. A void one is repeated, unless the crowd was more than the generator can send. */
export const isCounted = ({ isVoid, isGeneratorLimited }: RunResult): boolean =>
  isVoid === undefined || isGeneratorLimited

export const trialOf = ({ viewers, isServed, isVoid }: RunResult): Trial => ({
  viewers,
  isServed: isServed && isVoid === undefined,
})

/** Finds the largest crowd of a curve that an architecture serves. */
export async function findKnee(
  architecture: Architecture,
  curve: Curve,
  options: CampaignOptions,
  purpose: Purpose = 'knee',
): Promise<KneeResult> {
  const { scale, progress } = options
  const trials: Trial[] = []
  const runs: RunResult[] = []
  const seconds = runSeconds(curve, scale)
  return onStand(architecture, [curve], options, async (stand) => {
    let attempts = 0
    for (; attempts < scale.maxTrials; attempts++) {
      const size = nextSize(trials, {
        first: architecture.expectedKnee * scale.coreShare,
        min: smallestCrowd,
        max: scale.maxViewers,
        ratio: scale.kneeRatio,
        maxTrials: scale.maxTrials,
      })
      if (size === undefined) break
      progress.step(`${architecture.id}: ${curve.name} with ${size} viewers`, seconds)
      const result = await runPlan(architecture, stand, planOf(curve, size, options))
      options.onRun(purpose, result)
      if (!isCounted(result)) continue
      runs.push(result)
      trials.push(trialOf(result))
    }
    progress.skip(seconds * (scale.maxTrials - attempts))
    return { architecture, knee: kneeOf(trials), runs, configs: stand.configs }
  })
}

/** Most times that a void run of `runCurves` is made again. */
const maxAgain = 2

/** Runs curves one after another against one start of an architecture. A void run is made again. */
export function runCurves(
  architecture: Architecture,
  curves: readonly { curve: Curve; viewers: number; speed?: number }[],
  purpose: Purpose,
  options: CampaignOptions,
): Promise<void> {
  const { scale, progress } = options
  const all = curves.map(({ curve }) => curve)
  return onStand(architecture, all, options, async (stand) => {
    for (const { curve, viewers, speed = 1 } of curves)
      for (let again = 0; again <= maxAgain; again++) {
        const what = `${architecture.id}: ${curve.name} with ${viewers} viewers, ${purpose}`
        progress.step(what, again === 0 ? runSeconds(curve, scale, speed) : 0)
        const result = await runPlan(architecture, stand, planOf(curve, viewers, options, speed))
        options.onRun(purpose, result)
        if (isCounted(result)) break
      }
  })
}

/** Returns the plan of a curve in a campaign. */
export const planOf = (
  curve: Curve,
  viewers: number,
  { seed, scale }: Pick<CampaignOptions, 'seed' | 'scale'>,
  speed = 1,
): Plan => planViewers(curve, { viewers, seed, speed, gatherMs: scale.gatherMs, settleMs: scale.settleMs })

async function onStand<Result>(
  architecture: Architecture,
  curves: readonly Curve[],
  { source, scale }: CampaignOptions,
  use: (stand: Stand) => Promise<Result>,
): Promise<Result> {
  const hasRung = curves.some(({ events }) => events.some(({ kind }) => kind === 'switch'))
  const stand = await startStand(architecture, { source, hasRung })
  const limit = scale.coreShare < 1 ? createCoreShare(scale.coreShare) : undefined
  try {
    for (const { pid } of stand.servers) limit?.add(pid)
    return await use(stand)
  } finally {
    await stand.stop()
    limit?.remove()
  }
}
