import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

/**
 * Writes a table to bench/results, together with the machine and the conditions of the measurement. Returns
 * the text below the title.
 */
export function writeResult(name: string, title: string, table: string, conditions: string): string {
  const text = `${table}\n\n${cpus()[0]?.model}, Node ${process.version}; ${conditions}`
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(`bench/results/${name}.md`, `# ${title}\n\n${text}\n`)
  return text
}
