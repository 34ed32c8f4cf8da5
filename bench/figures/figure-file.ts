import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { NowcastError } from '../../core/process/errors.ts'
import { type Figure, figureTable } from './table.ts'

/** What a suite measured: Markdown to read, the same figures as data, and how it was measured. */
export interface SuiteResult {
  text: string
  figures: readonly Figure[]
  conditions?: string
}

/** The figures of a run of a suite, as a file keeps them. */
export interface FigureFile {
  suite: string
  conditions: string
  machine: string
  commit: string
  date: string
  figures: readonly Figure[]
}

/** Returns the result of a suite that keeps no file of its own. `notes` come before the table. */
export const resultOf = (figures: readonly Figure[], notes: readonly string[] = []): SuiteResult => ({
  text: [...notes, figureTable(figures)].join('\n'),
  figures,
})

/** Returns what figures depend on beside the code: the machine and the version of Node. */
export function machineName(): string {
  const cores = cpus()
  return `${cores[0]?.model.trim()}, ${cores.length} cores, Node ${process.version}`
}

/** Returns figures as JSON, one in each line, with where and how they were measured. */
export function figuresJson({
  figures,
  ...of
}: Pick<FigureFile, 'suite' | 'conditions' | 'figures'>): string {
  const head = { ...of, machine: machineName(), commit: commit(), date: new Date().toISOString() }
  const fields = Object.entries(head).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  const lines = figures.map((figure) => `    ${JSON.stringify(figure, writeNumber)}`)
  return `{\n  ${fields.join(',\n  ')},\n  "figures": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/**
 * Reads a file of figures.
 * @throws NowcastError `bad_settings` when it cannot be read, or is no such file
 */
export function readFigures(path: string): FigureFile {
  try {
    const file: FigureFile = JSON.parse(readFileSync(path, 'utf8'), readNumber)
    if (Array.isArray(file.figures) && file.figures.every(isFigure)) return file
    throw new Error('it has no list of figures')
  } catch (error) {
    throw new NowcastError('bad_settings', `cannot read figures from ${path}: ${(error as Error).message}`)
  }
}

/** Takes `--figures FILE` from the arguments of a suite. */
export function takeFigureFile(args: readonly string[]): { file: string | undefined; rest: string[] } {
  const at = args.indexOf('--figures')
  if (at < 0) return { file: undefined, rest: [...args] }
  const file = args[at + 1]
  if (file === undefined) throw new NowcastError('bad_settings', '--figures needs the path of a file')
  return { file, rest: args.toSpliced(at, 2) }
}

/**
 * Writes the figures of a suite to a file.
 * @throws NowcastError `bad_settings` when the suite has none as data
 */
export function writeFigures(file: string, suite: string, result: SuiteResult | string): void {
  const { figures = [], conditions = '' } = typeof result === 'string' ? {} : result
  if (figures.length === 0) throw new NowcastError('bad_settings', `${suite} has no figures as data`)
  writeFileSync(file, figuresJson({ suite, conditions, figures }))
}

const isFigure = (each: Partial<Figure> | null) =>
  typeof each?.name === 'string' && typeof each.value === 'number' && typeof each.unit === 'string'

const digits = 6

/** JSON has no number for what never happened, or was not measured. */
const writeNumber = (_: string, value: unknown) =>
  typeof value !== 'number' ? value : Number.isFinite(value) ? Number(value.toPrecision(digits)) : `${value}`

/** Reads what `writeNumber` wrote instead of a number. */
export const readNumber = (_: string, value: unknown) =>
  value === 'Infinity' || value === '-Infinity' || value === 'NaN' ? Number(value) : value

/** Returns the commit of the code, marked when files were changed; empty outside of a repository. */
function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty']
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}
