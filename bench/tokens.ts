import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { measureTokenCosts } from '../test/edge/token-cost.ts'
import { median } from './statistics.ts'
import { figureTable } from './table.ts'

const results = 'bench/results/tokens.md'

/** What the edge's check of playback tokens costs for one request; medians. The table also goes into a file. Arguments: runs (5). */
export async function tokens([runs = '5']: string[]): Promise<string> {
  const samples = Array.from({ length: Number(runs) }, () => measureTokenCosts(200_000))
  const table = figureTable(
    (samples[0] ?? []).map(({ name, isUsual }, index) => ({
      name,
      value: median(samples.map((costs) => costs[index]?.ns ?? Number.NaN)) / 1000,
      unit: 'µs',
      ...(isUsual ? { atMost: 5 } : {}),
    })),
  )
  const text = `${table}\n\n${cpus()[0]?.model}, Node ${process.version}; medians of ${runs}`
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(results, `# The check of playback tokens\n\n${text}\n`)
  return text
}
