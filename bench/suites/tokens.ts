import { measureTokenCosts } from '../../test/kit/edge/token-cost.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { keepResult } from '../figures/result-file.ts'
import { repeated } from '../figures/table.ts'

/** Maximum cost of a check that nearly all requests need, µs. */
const maxUsualCostUs = 5

/**
 * Measures the cost per request of the edge's check of playback tokens, as medians. Writes the table to a
 * file too. Argument: runs, 5 by default.
 */
export async function tokens([runs = '5']: string[]): Promise<SuiteResult> {
  const samples = Array.from({ length: Number(runs) }, () => measureTokenCosts(200_000))
  const figures = (samples[0] ?? []).map(({ name, isUsual }, index) => {
    const repeats = samples.map((costs) => (costs[index]?.ns ?? Number.NaN) / 1000)
    return repeated(name, 'µs', repeats, isUsual ? { atMost: maxUsualCostUs } : { better: 'lower' })
  })
  return keepResult('tokens', 'The check of playback tokens', { figures }, `medians of ${runs}`)
}
