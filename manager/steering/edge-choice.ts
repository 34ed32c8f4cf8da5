import type { EdgeReport } from '../../core/contracts/edge-roster.ts'

/** Step of overload from which an edge refuses newcomers. */
const refusingStep = 3
/** Probability that a response to a viewer of an overloaded edge names another edge first. */
const relievedShare = 0.1
/**
 * Maximum fraction that is added to a load at random, so that viewers who come at once are not all sent to
 * the same edge.
 */
const chance = 0.3

type Condition = 'good' | 'busy' | 'draining'

const conditionOf = ({ state, load }: EdgeReport): Condition =>
  state === 'draining' ? 'draining' : load.overload >= refusingStep ? 'busy' : 'good'

const order: Record<Condition, number> = { good: 0, busy: 1, draining: 2 }

/**
 * Returns the edges in the order in which a viewer should try them. `current` comes first unless it drains,
 * because each switch costs a playlist request and may be visible. If it is overloaded, it loses that place
 * with the probability `relievedShare`. Then come edges that accept newcomers, overloaded ones and draining
 * ones. Within each kind, fewer viewers come first, with some randomness.
 */
export function rankEdges(
  edges: readonly EdgeReport[],
  current: string | undefined,
  random: () => number = Math.random,
): EdgeReport[] {
  const rankOf = (edge: EdgeReport) => {
    const condition = conditionOf(edge)
    if (edge.pathway !== current) return order[condition]
    if (condition === 'busy') return random() < relievedShare ? order.busy : -1
    return condition === 'good' ? -1 : order.draining
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
