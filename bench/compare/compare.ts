import { NowcastError } from '../../core/process/errors.ts'
import { type FigureFile, readFigures } from '../figures/figure-file.ts'
import { formatNumber } from '../figures/table.ts'
import { type Compared, compareFigures, type Verdict } from './comparison.ts'

const words: Record<Verdict, string> = {
  worse: 'WORSE',
  better: 'better',
  changed: 'changed',
  same: 'within noise',
  unknown: 'noise not known',
  gone: 'only before',
  new: 'only after',
}
const order = Object.keys(words) as Verdict[]

const explanation =
  'Noise is the difference that 1 % of unchanged figures exceed. It is taken from the range of the repeats: the larger range of both runs, times 5.67 with 2 repeats, 1.71 with 3 and 0.85 with 5 (bench/figures/noise.ts). For a single measurement beside repeats it is 1.68 times the range of 5. A figure without repeats in both runs counts as worse only when it misses a maximum that held before. At least 1 % must differ.'

/**
 * Compares two files of figures of the same suite. Returns what moved as Markdown, what is worse first, and
 * whether anything is worse beyond the noise.
 * @throws NowcastError `bad_settings` without two such files
 */
export function compare([before, after, ...more]: readonly string[]): { text: string; isWorse: boolean } {
  if (before === undefined || after === undefined || more.length > 0)
    throw new NowcastError('bad_settings', 'compare needs two files: BEFORE.json AFTER.json')
  const [earlier, later] = [readFigures(before), readFigures(after)]
  if (earlier.suite !== later.suite)
    throw new NowcastError('bad_settings', `these are figures of ${earlier.suite} and of ${later.suite}`)
  const compared = compareFigures(earlier.figures, later.figures)
  const sorted = compared.toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
  const isWorse = compared.some(({ verdict }) => verdict === 'worse')
  const text = [heading(earlier, later), tableOf(sorted), summaryOf(compared), explanation]
  return { text: text.join('\n\n'), isWorse }
}

function heading(before: FigureFile, after: FigureFile): string {
  const line = (when: string, { commit, date, machine, conditions }: FigureFile) =>
    `- ${when}: ${commit}, ${date.slice(0, 16)}, ${machine}; ${conditions}`
  const warning = before.machine === after.machine ? [] : ['', 'Not the same machine, so ratios show it too.']
  return [`# ${after.suite}`, '', line('before', before), line('after', after), ...warning].join('\n')
}

function tableOf(compared: readonly Compared[]): string {
  const rows = compared.map(({ name, unit, before, after, noise, verdict }) => {
    const value = (number: number) => (Number.isNaN(number) ? '' : `${formatNumber(number)} ${unit}`.trim())
    const ratio = after / before
    return [
      ...[name, value(before), value(after), Number.isFinite(ratio) ? ratio.toFixed(3) : ''],
      ...[Number.isFinite(noise) ? `± ${value(noise)}` : '', words[verdict]],
    ]
  })
  const head = ['figure', 'before', 'after', 'ratio', 'noise', '']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function summaryOf(compared: readonly Compared[]): string {
  const count = (verdict: Verdict) => compared.filter((each) => each.verdict === verdict).length
  const counts = order.flatMap((each) => (count(each) === 0 ? [] : [`${count(each)} ${words[each]}`]))
  return `${compared.length} figures: ${counts.join(', ')}.`
}
