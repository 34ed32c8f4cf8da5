import { join } from 'node:path'
import { NowcastError } from '../../core/process/errors.ts'
import { createRandom } from '../../test/kit/random.ts'
import { makeTempDir } from '../../test/kit/temp-dir.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { keepResult } from '../figures/result-file.ts'
import { canShareCore } from '../stand/core-share.ts'
import { leaveCore0ToServer } from '../stand/edge-process.ts'
import { encodeSourceFile } from '../stand/source-file.ts'
import {
  type Architecture,
  chooseArchitectures,
  missingFor,
  readArchitectures,
} from './architectures/architecture.ts'
import { sourceFps } from './architectures/stand.ts'
import { readCurve } from './curves/curve.ts'
import { readOptions } from './options.ts'
import { evaluate } from './report/campaign-result.ts'
import { environment } from './report/environment.ts'
import type { CampaignRecord, ReportedRun } from './report/record.ts'
import { conditionsOf, rewriteReport, writeReport } from './report/write-report.ts'
import {
  type CampaignOptions,
  type CampaignScale,
  findKnee,
  type KneeResult,
  runCurves,
  runSeconds,
  standSeconds,
} from './run/campaign.ts'
import { furtherSeconds, measureModel, runFurtherCurves } from './run/further.ts'
import { generatorSeconds, measureGenerator } from './run/generator-ceiling.ts'
import { keptFigures } from './run/kept-figures.ts'
import { createProgress } from './run/progress.ts'
import { kneeTable } from './run/tables.ts'

const scales: Record<'quick' | 'full', Omit<CampaignScale, 'coreShare'>> = {
  quick: { gatherMs: 1500, settleMs: 2500, maxViewers: 2000, kneeRatio: 1.5, maxTrials: 3, repeats: 2 },
  full: { gatherMs: 3000, settleMs: 3000, maxViewers: 4000, kneeRatio: 1.1, maxTrials: 7, repeats: 5 },
}
/** Architectures of `--quick`. */
const quickArchitectures = ['a-origin', 'b-nginx', 'c-edge']
/** Architectures whose runs are repeated in the whole campaign, in random order. */
const repeatedArchitectures = ['a-origin', 'b-nginx', 'c-edge']
/** Architecture whose noise, further curves and model are measured. */
const ours = 'c-edge'
/** Share of the knee at which an architecture is compared with itself. */
const calmShare = 0.8
/** The source: about 800 kbit/s of video in GOPs of 2 s, without noise in the picture. */
const source = { size: '640x360', kbps: 800, fps: String(sourceFps), filter: 'null' }

/**
 * Measures what crowd each architecture bears. Options: `--quick` (about 4 minutes), `--curve NAME` or a CSV
 * file (idol), `--architectures a,b,c`, `--seed N` (1), `--max VIEWERS`, `--crowd VIEWERS` of the repeated
 * runs (0.8 of the knee), `--core-share SHARE` (0.5) of one core for all servers of an architecture,
 * `--out FOLDER`. The whole campaign also runs the other curves on our edge, calibrates the model, and writes
 * bench/results/spike.md. `--from FOLDER` only makes the report of a
 * recorded campaign again.
 * @throws NowcastError `bad_settings` for options, curves and architectures that do not exist
 */
export async function spike(args: string[]): Promise<SuiteResult> {
  const options = readOptions(args)
  if (options.from !== undefined) return { text: `Report: ${rewriteReport(options.from)}`, figures: [] }
  const record = await measure(args, options)
  const campaign = evaluate(record)
  const page = writeReport(options.out, record)
  const figures = keptFigures(campaign.knees, campaign.same)
  const table = kneeTable(campaign.knees, campaign.same)
  const conditions = conditionsOf(campaign)
  const { text } = options.quick
    ? { text: table }
    : keepResult('spike', 'What crowd each architecture bears', { figures, table }, conditions)
  return { text: `${text}\n\nReport: ${page}`, figures, conditions }
}

/** Runs all steps of a campaign. */
async function measure(
  args: readonly string[],
  { quick, seed, max, crowd, ...names }: ReturnType<typeof readOptions>,
): Promise<CampaignRecord> {
  const startedAt = new Date().toISOString()
  const coreShare = canShareCore() ? names.coreShare : 1
  if (coreShare !== names.coreShare)
    console.error('control groups cannot be made here: the servers of an architecture have a whole core')
  const scale = {
    ...scales[quick ? 'quick' : 'full'],
    ...(max === undefined ? {} : { maxViewers: max }),
    coreShare,
  }
  const curve = readCurve(names.curve)
  const all = quick ? quickArchitectures : readArchitectures().map(({ id }) => id)
  const { architectures, absent } = available(names.architectures ?? all, names.architectures !== undefined)
  leaveCore0ToServer()
  const dir = makeTempDir()
  const file = join(dir.path, 'source.flv')
  encodeSourceFile(file, source)
  const repeated = architectures.filter(
    ({ id }) => id === ours || (!quick && repeatedArchitectures.includes(id)),
  )
  const seconds = runSeconds(curve, scale)
  const progress = createProgress(
    generatorSeconds(architectures) +
      architectures.length * (standSeconds + scale.maxTrials * seconds) +
      repeated.length * scale.repeats * (standSeconds + seconds) +
      (quick ? 0 : standSeconds + scale.maxTrials * seconds + furtherSeconds({ scale })),
    console.error,
  )
  const runs: ReportedRun[] = []
  const options: CampaignOptions = {
    ...{ source: file, seed, scale, progress },
    onRun: (purpose, result) => void runs.push({ purpose, result }),
  }
  try {
    progress.step('the generator, against a server without work', generatorSeconds(architectures))
    const ceilings = await measureGenerator(architectures, source.kbps)
    const knees: KneeResult[] = []
    for (const architecture of architectures)
      await attempt(
        architecture,
        absent,
        async () => void knees.push(await findKnee(architecture, curve, options)),
      )
    const compared = knees.find(({ architecture }) => architecture.id === ours) ?? knees.at(-1)
    const again = knees.filter((each) => each === compared || repeated.includes(each.architecture))
    for (const { architecture, knee } of shuffledRounds(again, scale.repeats, seed)) {
      const viewers = crowd ?? Math.round(knee.viewers * calmShare)
      if (viewers === 0) continue
      await attempt(architecture, absent, () =>
        runCurves(architecture, [{ curve, viewers }], 'noise', options),
      )
    }
    if (compared !== undefined && compared.knee.viewers > 0 && !quick) {
      const { architecture, knee } = compared
      await attempt(architecture, absent, () => findKnee(architecture, curve, options, 'knee again'))
      await attempt(architecture, absent, () => runFurtherCurves(architecture, knee.viewers, options))
      // The model predicts crowds that only a whole core serves.
      const wholeCore = { ...options, scale: { ...scale, coreShare: 1 } }
      await attempt(architecture, absent, () => measureModel(architecture, wholeCore))
    }
    return {
      ...{ startedAt, seed, scale, ceilings, curve, absent, runs, environment: environment() },
      command: ['npm run bench -- spike', ...args].join(' '),
      architectures: knees.map(({ architecture, configs }) => ({ architecture, configs })),
      ours: compared?.architecture.id,
    }
  } finally {
    dir.remove()
  }
}

interface Absence {
  id: string
  reason: string
}

/**
 * Returns the architectures with these names that can be started, and the others.
 * @throws NowcastError `bad_settings` when one `isWanted` and cannot be started
 */
function available(names: readonly string[], isWanted: boolean) {
  const architectures: Architecture[] = []
  const absent: Absence[] = []
  for (const architecture of chooseArchitectures(names)) {
    const missing = missingFor(architecture)
    const { id } = architecture
    if (missing === undefined) architectures.push(architecture)
    else if (isWanted) throw new NowcastError('bad_settings', `${id} needs ${missing}: apt-get install it`)
    else absent.push({ id, reason: `${missing} is not installed` })
  }
  return { architectures, absent }
}

/** Runs a step. What the others measured is kept when an architecture cannot be started. */
async function attempt({ id }: Architecture, absent: Absence[], step: () => Promise<unknown>): Promise<void> {
  try {
    await step()
  } catch (error) {
    console.error(`bench: ${id}: ${(error as Error).message}`)
    absent.push({ id, reason: (error as Error).message })
  }
}

/** Returns several rounds of all items, each in an order of its own. */
function shuffledRounds<Item>(items: readonly Item[], rounds: number, seed: number): Item[] {
  const random = createRandom(seed)
  return Array.from({ length: rounds }).flatMap(() =>
    items
      .map((item) => ({ item, at: random() }))
      .toSorted((one, other) => one.at - other.at)
      .map(({ item }) => item),
  )
}
