import { measureTokenCosts } from '../../test/kit/edge/token-cost.ts'
import { writeResult } from '../figures/result-file.ts'
import { median } from '../figures/statistics.ts'
import { figureTable } from '../figures/table.ts'

/** Maximum cost of a check that nearly all requests need, µs. */
const maxUsualCostUs = 5

/**
 * Measures the cost per request of the edge's check of playback tokens, as medians. Writes the table to a
 * file too. Argument: runs, 5 by default.
 */
export async function tokens([runs = '5']: string[]): Promise<string> {
  const samples = Array.from({ length: Number(runs) }, () => measureTokenCosts(200_000))
  const table = figureTable(
    (samples[0] ?? []).map(({ name, isUsual }, index) => ({
      name,
      value: median(samples.map((costs) => costs[index]?.ns ?? Number.NaN)) / 1000,
      unit: 'µs',
      ...(isUsual ? { atMost: maxUsualCostUs } : {}),
    })),
  )
  return writeResult('tokens', 'The check of playback tokens', table, `medians of ${runs}`)
}
