/**
 * Number of viewers of a channel at one edge. The ids show which viewers are known to several edges, so that
 * each counts once.
 */
export interface ViewerCount {
  count: number
  /** Ids of viewers, 32 bits each, that are a multiple of `2 ** shift`; all ids when `shift` is 0. */
  ids: number[]
  shift: number
}

/** Number of ids to which a report is sampled down, for one channel and for all channels of an edge. */
const [maxIds, maxIdsInAll] = [2000, 20_000]

/**
 * Counts the viewers of one channel and samples their ids.
 * @param watching number of viewers of all channels of the edge, which share `maxIdsInAll`
 */
export function viewerCountOf(ids: readonly number[], watching: number): ViewerCount {
  const count = ids.length
  const shift = Math.max(0, Math.ceil(Math.log2(Math.max(count / maxIds, watching / maxIdsInAll))))
  const mask = 2 ** shift - 1
  const sample: number[] = []
  for (const id of ids) {
    const low32Bits = id >>> 0
    // `shift` is chosen for `maxIds` on average, so a sample may be larger by chance. The hard limit is twice
    // as many.
    if ((low32Bits & mask) === 0 && sample.length < 2 * maxIds) sample.push(low32Bits)
  }
  return { count, ids: sample, shift }
}

/**
 * Returns the number of viewers of one channel over all edges. A viewer who is known to several edges counts
 * once. The result is an estimate when a report contains only a sample.
 */
export function mergeViewerCounts(counts: readonly ViewerCount[]): number {
  const sum = counts.reduce((total, { count }) => total + count, 0)
  if (counts.length < 2) return sum
  const shift = Math.max(...counts.map((each) => each.shift))
  const sample = counts.flatMap(({ ids }) => ids.filter((id) => id % 2 ** shift === 0))
  const doubles = (sample.length - new Set(sample).size) * 2 ** shift
  return Math.max(sum - doubles, ...counts.map(({ count }) => count))
}
