import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { multivariantPath } from '../../../core/playback/media-paths.ts'
import { NowcastError } from '../../../core/process/errors.ts'
import { startLiveChannel } from '../../../test/kit/live-channel.ts'
import { resultOf, type SuiteResult } from '../../figures/figure-file.ts'
import type { Figure } from '../../figures/table.ts'
import { readCurve } from '../../spike/curves/curve.ts'
import { type Plan, perSecond, planViewers } from '../../spike/curves/plan.ts'

const folder = resolve(import.meta.dirname, '../../artillery')
const program = join(folder, 'node_modules', 'artillery', 'bin', 'run')
const slug = 'crowd'
/** How long each viewer watches, s. */
const watchSeconds = 20

/**
 * Lets Artillery send users to an instance with one live channel. Installs Artillery on first use. Arguments:
 * the scenario, `viewers` (default) or `manager`; for viewers also their number (100) and the curve (idol).
 * @throws NowcastError when a threshold is missed, or Artillery cannot be installed
 */
export async function artillery([
  scenario = 'viewers',
  viewers = '100',
  curve = 'idol',
]: string[]): Promise<SuiteResult> {
  const file = join(folder, `${scenario}.yml`)
  if (!/^\w+$/.test(scenario) || !existsSync(file))
    throw new NowcastError('bad_settings', `there is no scenario "${scenario}": choose viewers or manager`)
  const plan = planViewers(readCurve(curve), {
    ...{ viewers: Number(viewers), seed: 1 },
    ...{ gatherMs: 3000, settleMs: 3000 },
  })
  install()
  const channel = await startLiveChannel({ slug, size: '640x360', gopSeconds: 2, videoBitrate: 800_000 })
  try {
    const { managerUrl, edgeUrl, adminToken } = channel.whole
    const variables = { slug, edge: edgeUrl, path: multivariantPath(slug), seconds: watchSeconds }
    const phases = scenario === 'viewers' ? { phases: phasesOf(plan) } : {}
    const output = join('bench', 'spike', 'reports', `artillery-${scenario}.json`)
    mkdirSync(join('bench', 'spike', 'reports'), { recursive: true })
    const run = spawn(
      process.execPath,
      [
        ...[program, 'run', file, '--target', managerUrl, '--output', resolve(output)],
        ...['--variables', JSON.stringify(variables), '--overrides', JSON.stringify({ config: phases })],
      ],
      {
        stdio: 'inherit',
        env: { ...process.env, ARTILLERY_DISABLE_TELEMETRY: 'true', NOWCAST_ADMIN_TOKEN: adminToken },
      },
    )
    const [code] = await once(run, 'exit')
    if (code !== 0) throw new NowcastError('bad_settings', `a threshold of ${scenario} was missed: ${code}`)
    const conditions = scenario === 'viewers' ? `${viewers} viewers, curve ${curve}` : ''
    const { aggregate } = JSON.parse(readFileSync(output, 'utf8'))
    const { text, figures } = resultOf(figuresOf(aggregate))
    return { text: `${text}\n\nAll thresholds of ${scenario} hold. Figures: ${output}`, figures, conditions }
  } finally {
    await channel.stop()
  }
}

/** Installs Artillery as its lock file says, unless the version that its package.json names is there. */
function install(): void {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const installed = join(folder, 'node_modules', 'artillery', 'package.json')
  if (existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version === dependencies.artillery)
    return
  console.error('bench: installs Artillery, about 470 MB, in bench/artillery')
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: 'inherit',
    })
  } catch (error) {
    throw new NowcastError('bad_settings', `Artillery cannot be installed: ${(error as Error).message}`)
  }
}

/** The parts of a report of Artillery that figures are taken from. */
interface Aggregate {
  counters: Record<string, number>
  summaries: Record<string, { p50: number; p95: number; p99: number }>
}

/** Names of what is measured. The length of a session is what its scenario says. */
const kept = /^(?:viewer|http)\.(?!downloaded)|^vusers\.(?!created_by|session_length)/
/** Counters of what must not happen. */
const failures = ['viewer.failed', 'viewer.faults', 'vusers.failed']

/** Returns the figures of one run of Artillery. It repeats nothing, so their noise is not known. */
export const figuresOf = ({ counters, summaries }: Aggregate): Figure[] => [
  ...Object.entries(summaries)
    .filter(([name]) => kept.test(name))
    .flatMap(([name, { p50, p95, p99 }]) =>
      Object.entries({ p50, p95, p99 }).map(
        ([percentile, value]): Figure => ({
          name: `${name}, ${percentile}`,
          value,
          unit: '',
          better: 'lower',
        }),
      ),
    ),
  ...Object.entries(counters)
    .filter(([name]) => kept.test(name))
    .map(
      ([name, value]): Figure => ({
        ...{ name, value, unit: '' },
        ...(failures.includes(name) ? { atMost: 0 } : {}),
      }),
    ),
]

/** A phase of Artillery: viewers who arrive evenly, or a pause, s. */
type Phase = { duration: number; arrivalRate: number } | { pause: number }

/**
 * Returns a phase for each second of a plan. Artillery has no finer clock: it spreads the viewers of a second
 * evenly, in steps of 1 ms.
 */
export const phasesOf = ({ viewers }: Plan): Phase[] =>
  [...perSecond(viewers.map(({ arriveMs }) => arriveMs)).values()].map((count) =>
    count === 0 ? { pause: 1 } : { duration: 1, arrivalRate: count },
  )
