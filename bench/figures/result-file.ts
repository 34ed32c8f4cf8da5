import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { figuresJson, machineName, type SuiteResult } from './figure-file.ts'
import { type Figure, figureTable } from './table.ts'

/** Folder of the results in the repository, relative to its root. */
const resultsFolder = 'bench/results'

/**
 * Writes a table to bench/results/NAME.md, with the machine, the date and the conditions of the measurement.
 * Returns the text below the title.
 */
export function writeResult(name: string, title: string, table: string, conditions: string): string {
  const text = `${table}\n\n${machineName()}, ${new Date().toISOString().slice(0, 10)}; ${conditions}`
  mkdirSync(resultsFolder, { recursive: true })
  writeFileSync(`${resultsFolder}/${name}.md`, `# ${title}\n\n${text}\n`)
  return text
}

/**
 * Writes figures to bench/results/NAME.md as `writeResult` does, and as data to NAME.json beside it. Without
 * a table of the suite's own, they are shown as a usual one.
 */
export function keepResult(
  name: string,
  title: string,
  { figures, table = figureTable(figures) }: { figures: readonly Figure[]; table?: string },
  conditions: string,
): SuiteResult {
  const text = writeResult(name, title, table, conditions)
  writeFileSync(figuresPath(name), figuresJson({ suite: name, conditions, figures }))
  return { text, figures, conditions }
}

/** Returns where the figures of a result are kept. */
export const figuresPath = (name: string): string => `${resultsFolder}/${name}.json`

/** Returns the text of bench/results/NAME.md; undefined when there is no such file. */
export function readResult(name: string): string | undefined {
  try {
    return readFileSync(`${resultsFolder}/${name}.md`, 'utf8')
  } catch {
    return undefined
  }
}
