import { join } from 'node:path'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import { writeResult } from '../figures/result-file.ts'
import { leaveCore0ToServer } from '../stand/edge-process.ts'
import { encodeSourceFile } from '../stand/source-file.ts'
import { chooseArchitectures, installedArchitectures } from './architectures/architecture.ts'
import { sourceFps } from './architectures/stand.ts'
import { readCurve } from './curves/curve.ts'
import type { Prediction } from './model/calibration.ts'
import { readOptions } from './options.ts'
import { writeReport } from './report/write-report.ts'
import {
  type CampaignOptions,
  type CampaignScale,
  findKnee,
  type KneeResult,
  planOf,
  runCurves,
  runSeconds,
  standSeconds,
} from './run/campaign.ts'
import { furtherSeconds, measureModel, runFurtherCurves } from './run/further.ts'
import { ceilingText, generatorSeconds, measureGenerator } from './run/generator-ceiling.ts'
import { createProgress } from './run/progress.ts'
import type { RunResult } from './run/result.ts'
import { kneeTable } from './run/tables.ts'

const scales: Record<'quick' | 'full', CampaignScale> = {
  quick: { gatherMs: 1500, settleMs: 2500, maxViewers: 2000, kneeRatio: 1.5, maxTrials: 3, repeats: 2 },
  full: { gatherMs: 3000, settleMs: 3000, maxViewers: 4000, kneeRatio: 1.1, maxTrials: 7, repeats: 5 },
}
/** Architectures of `--quick`. */
const quickArchitectures = ['a', 'b', 'c']
/** Architecture whose noise, further curves and model are measured. */
const ours = 'c-edge'
/** Share of the knee at which an architecture is compared with itself. */
const calmShare = 0.8
/** The source: about 800 kbit/s of video in GOPs of 2 s, without noise in the picture. */
const source = { size: '640x360', kbps: 800, fps: String(sourceFps), filter: 'null' }

/**
 * Measures what crowd each architecture bears. Options: `--quick` (about 4 minutes), `--curve NAME` or a CSV
 * file (idol), `--architectures a,b,c`, `--seed N` (1), `--max VIEWERS`, `--out FOLDER`. The whole campaign
 * also runs the other curves on our edge, calibrates the model, and writes bench/results/spike.md.
 * @throws NowcastError `bad_settings` for options, curves and architectures that do not exist
 */
export async function spike(args: string[]): Promise<string> {
  const startedAt = new Date()
  const { quick, seed, max, out, ...names } = readOptions(args)
  const scale = { ...scales[quick ? 'quick' : 'full'], ...(max === undefined ? {} : { maxViewers: max }) }
  const curve = readCurve(names.curve)
  const all = quick ? quickArchitectures : installedArchitectures().map(({ id }) => id)
  const architectures = chooseArchitectures(names.architectures ?? all)
  leaveCore0ToServer()
  const dir = makeTempDir()
  const file = join(dir.path, 'source.flv')
  encodeSourceFile(file, source)
  const seconds = runSeconds(curve, scale)
  const progress = createProgress(
    generatorSeconds(architectures) +
      architectures.length * (standSeconds + scale.maxTrials * seconds) +
      scale.repeats * (standSeconds + seconds) +
      (quick ? 0 : furtherSeconds({ scale })),
    console.error,
  )
  const runs: { purpose: string; result: RunResult }[] = []
  const options: CampaignOptions = {
    ...{ source: file, seed, scale, progress },
    onRun: (purpose, result) => void runs.push({ purpose, result }),
  }
  try {
    progress.step('the generator, against a server without work', generatorSeconds(architectures))
    const ceilings = await measureGenerator(architectures, source.kbps)
    const knees: KneeResult[] = []
    for (const architecture of architectures) knees.push(await findKnee(architecture, curve, options))
    const compared = knees.find(({ architecture }) => architecture.id === ours) ?? knees.at(-1)
    const same: RunResult[] = []
    const others: RunResult[] = []
    const predictions: Prediction[] = []
    if (compared !== undefined && compared.knee.viewers > 0) {
      const { architecture, knee } = compared
      const viewers = Math.round(knee.viewers * calmShare)
      for (let time = 0; time < scale.repeats; time++)
        same.push(...(await runCurves(architecture, [{ curve, viewers }], 'noise', options)))
      if (!quick) {
        others.push(...(await runFurtherCurves(architecture, knee.viewers, options)))
        predictions.push(...(await measureModel(architecture, options)))
      }
    }
    const page = writeReport(out, {
      ...{ startedAt, curve, ceilings, knees, same, others, predictions, runs },
      command: ['npm run bench -- spike', ...args].join(' '),
      planOf: ({ viewers }) => planOf(curve, viewers, options),
    })
    const generator = ceilings.map((each) => `- Generator, ${ceilingText(each)}`).join('\n')
    const table = `${kneeTable(knees, same)}\n\n${generator}`
    const conditions = `curve ${curve.name}, seed ${seed}; servers on one core, viewers on another`
    const text = quick ? table : writeResult('spike', 'What crowd each architecture bears', table, conditions)
    return `${text}\n\nReport: ${page}`
  } finally {
    dir.remove()
  }
}
