import type { Prediction } from '../model/calibration.ts'
import { isCounted, type KneeResult, type Purpose, trialOf } from '../run/campaign.ts'
import { calibratedCpu, predictionsOf } from '../run/further.ts'
import { kneeOf } from '../run/knee.ts'
import type { RunResult } from '../run/result.ts'
import type { CampaignRecord } from './record.ts'

/** What the runs of a campaign show. */
export interface CampaignResult extends CampaignRecord {
  knees: readonly KneeResult[]
  /** The knee of `ours`, searched once more with the same seed; undefined when it was not. */
  again: KneeResult | undefined
  /** Repetitions of one run, for the noise. */
  same: readonly RunResult[]
  /** Runs of other curves that count. */
  others: readonly RunResult[]
  predictions: readonly Prediction[]
  /** CPU by which the model was calibrated; undefined when it was not. */
  cpu: ReturnType<typeof calibratedCpu>
}

/** Evaluates the runs of a campaign. The same record always has the same result. */
export function evaluate(record: CampaignRecord): CampaignResult {
  const runsFor = (...purposes: string[]) =>
    record.runs.filter(({ purpose }) => purposes.includes(purpose)).map(({ result }) => result)
  const kneesFrom = (purpose: Purpose) =>
    record.architectures.map((each): KneeResult => {
      const runs = runsFor(purpose).filter(
        (run) => run.architecture === each.architecture.id && isCounted(run),
      )
      return { ...each, runs, knee: kneeOf(runs.map(trialOf)) }
    })
  const knees = kneesFrom('knee')
  const model = runsFor('model', 'model, not calibrated')
  return {
    ...{ ...record, knees },
    again: kneesFrom('knee again').find(({ runs }) => runs.length > 0),
    same: runsFor('noise'),
    others: runsFor('further curves').filter(({ isVoid }) => isVoid === undefined),
    predictions: predictionsOf(model),
    cpu: calibratedCpu(model),
  }
}
