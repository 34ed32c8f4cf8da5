import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** Folder of the results in the repository, relative to its root. */
const resultsFolder = 'bench/results'

/**
 * Writes a table to bench/results/NAME.md, with the machine, the date and the conditions of the measurement.
 * Returns the text below the title.
 */
export function writeResult(name: string, title: string, table: string, conditions: string): string {
  const cores = cpus()
  const machine = `${cores[0]?.model.trim()}, ${cores.length} cores, Node ${process.version}`
  const text = `${table}\n\n${machine}, ${new Date().toISOString().slice(0, 10)}; ${conditions}`
  mkdirSync(resultsFolder, { recursive: true })
  writeFileSync(`${resultsFolder}/${name}.md`, `# ${title}\n\n${text}\n`)
  return text
}

/** Returns the text of bench/results/NAME.md; undefined when there is no such file. */
export function readResult(name: string): string | undefined {
  try {
    return readFileSync(`${resultsFolder}/${name}.md`, 'utf8')
  } catch {
    return undefined
  }
}
