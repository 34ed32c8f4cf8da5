/** How many watch a channel at one edge, and which of them, so that who is known to two edges counts once. */
export interface ViewerTally {
  count: number
  /** The ids of those whose id is a multiple of `2 ** shift`: of all with 0, of a fair sample beyond. 32 bits each. */
  ids: number[]
  shift: number
}

/** Ids told of one channel, and of all channels of an edge. */
const [mostIds, mostIdsInAll] = [2000, 20_000]

/** @param watching viewers of all channels of the edge, among whom the room is shared */
export function tallyOf(ids: readonly number[], watching: number): ViewerTally {
  const count = ids.length
  const shift = Math.max(0, Math.ceil(Math.log2(Math.max(count / mostIds, watching / mostIdsInAll))))
  const mask = 2 ** shift - 1
  const told: number[] = []
  // Chance may put a few more into a sample.
  for (const id of ids) {
    // The lower 32 bits.
    const low = id >>> 0
    if ((low & mask) === 0 && told.length < 2 * mostIds) told.push(low)
  }
  return { count, ids: told, shift }
}

/** Viewers of one channel over all edges: who is known to several (for some seconds after moving from one to another) counts once. */
export function mergeTallies(tallies: readonly ViewerTally[]): number {
  const sum = tallies.reduce((total, { count }) => total + count, 0)
  if (tallies.length < 2) return sum
  const shift = Math.max(...tallies.map((tally) => tally.shift))
  const told = tallies.flatMap(({ ids }) => ids.filter((id) => id % 2 ** shift === 0))
  const twice = (told.length - new Set(told).size) * 2 ** shift
  return Math.max(sum - twice, ...tallies.map(({ count }) => count))
}
