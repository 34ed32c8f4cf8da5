import type { EdgeReport } from '../../core/contracts/edge-roster.ts'

/** From this step of overload on an edge lets nobody new in. */
const refusingStep = 2
/** How much of its viewers an overloaded edge is relieved of each time they ask. */
const relievedShare = 0.1
/** By how much chance changes a load, so that not everybody is sent to the same edge at a time. */
const chance = 0.3

type Standing = 'good' | 'busy' | 'draining'

const standingOf = ({ state, load }: EdgeReport): Standing =>
  state === 'draining' ? 'draining' : load.overload >= refusingStep ? 'busy' : 'good'

const order: Record<Standing, number> = { good: 0, busy: 1, draining: 2 }

/**
 * Edges in the order in which a viewer should try them. `current` is the one they are at: they stay there unless it drains or has too much
 * to do, because every move costs a playlist and some nerves. The others come by how many watch there, those that drain last.
 */
export function rankEdges(
  edges: readonly EdgeReport[],
  current: string | undefined,
  random: () => number = Math.random,
): EdgeReport[] {
  const rankOf = (edge: EdgeReport) => {
    const standing = standingOf(edge)
    if (edge.pathway !== current) return order[standing]
    if (standing === 'busy') return random() < relievedShare ? order.busy : -1
    return standing === 'good' ? -1 : order.draining
  }
  return edges
    .map((edge) => ({
      edge,
      rank: rankOf(edge),
      load: (edge.load.viewers + 1) * (1 + chance * random()),
    }))
    .sort((one, other) => one.rank - other.rank || one.load - other.load)
    .map(({ edge }) => edge)
}
