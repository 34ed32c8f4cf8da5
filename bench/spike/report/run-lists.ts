import type { RunResult } from '../run/result.ts'
import { htmlTable, list, paragraph, section } from './html.ts'
import type { CampaignRecord, ReportedRun } from './record.ts'

/** Returns what went wrong: runs that do not count, and architectures that could not be measured. */
export function discarded(runs: readonly ReportedRun[], absent: CampaignRecord['absent']): string {
  const voided = runs.flatMap(({ purpose, result: { architecture, curve, viewers, isVoid } }) =>
    isVoid === undefined ? [] : [`${architecture}, ${curve}, ${viewers} viewers (${purpose}): ${isVoid}`],
  )
  const missing = absent.map(({ id, reason }) => `${id} was not measured, or not wholly: ${reason}`)
  const most = (of: (run: ReportedRun) => number) => `${(100 * Math.max(0, ...runs.map(of))).toFixed(0)} %`
  return section(
    'What went wrong, and runs that do not count',
    voided.length + missing.length === 0 ? paragraph('Nothing.') : list([...voided, ...missing]),
    paragraph(
      `${voided.length} of ${runs.length} runs do not count. During a run, other programs used at most ${most(({ result }) => result.others)} of the machine, and the host of this machine took at most ${most(({ result }) => result.stolen)}.`,
    ),
  )
}

/** Returns a table of all runs, with what shows whether the generator could send them. */
export const allRuns = (runs: readonly ReportedRun[]): string =>
  htmlTable([
    [
      'run',
      'for',
      'served',
      'off plan',
      'joined p95',
      'rebuffering',
      'errors',
      'faults',
      'generator: mean, peak, delay',
      'connections lost',
      'others',
      'host',
    ],
    ...runs.map(({ purpose, result }) => {
      const { architecture, curve, viewers, newcomers, insiders, errors, faults, generator } = result
      const count = (counts: Record<string, number>) =>
        Object.entries(counts)
          .map(([name, number]) => `${name} ${number}`)
          .join(', ') || '0'
      return [
        `${architecture}, ${curve}, ${viewers}`,
        purpose,
        outcome(result),
        `${(100 * result.deviation).toFixed(1)} %`,
        newcomers.count === 0
          ? ''
          : Number.isFinite(newcomers.joinP95)
            ? `${newcomers.joinP95.toFixed(0)} ms`
            : 'never',
        `${(100 * insiders.rebuffering).toFixed(2)} %`,
        count(errors),
        count(faults),
        `${(100 * generator.cpu).toFixed(0)} %, ${(100 * generator.peakCpu).toFixed(0)} %, ${generator.lagP99Ms.toFixed(0)} ms`,
        String(result.drops),
        `${(100 * result.others).toFixed(0)} %`,
        `${(100 * result.stolen).toFixed(1)} %`,
      ]
    }),
  ])

function outcome({ isVoid, isServed, isGeneratorLimited }: RunResult): string {
  if (isVoid !== undefined) return 'void'
  return `${isServed ? 'yes' : 'no'}${isGeneratorLimited ? ', generator at its limit' : ''}`
}
