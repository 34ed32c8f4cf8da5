import { type Figure, repeated } from '../../figures/table.ts'
import type { Measured } from './network-tables.ts'
import type { Musts } from './profiles.ts'
import type { ViewFigures } from './view-figures.ts'

/** Figures that runs of this bench are compared by. */
const kept: readonly { key: keyof ViewFigures; name: string; unit: string; better?: Figure['better'] }[] = [
  { key: 'joinMs', name: 'join', unit: 'ms', better: 'lower' },
  { key: 'topMs', name: 'from the first frame to the top rendition', unit: 'ms', better: 'lower' },
  { key: 'stalledShare', name: 'stalled, share of the time', unit: '', better: 'lower' },
  { key: 'stalls', name: 'stalls', unit: '', better: 'lower' },
  { key: 'longestStallMs', name: 'longest stall', unit: 'ms', better: 'lower' },
  { key: 'ageP50Ms', name: 'age p50', unit: 'ms', better: 'lower' },
  { key: 'ageP95Ms', name: 'age p95', unit: 'ms', better: 'lower' },
  { key: 'playedKbps', name: 'played', unit: 'kbit/s', better: 'higher' },
  { key: 'upGapMs', name: 'longest gap at a change up', unit: 'ms', better: 'lower' },
  { key: 'downGapMs', name: 'longest gap at a change down', unit: 'ms', better: 'lower' },
  { key: 'joinRequests', name: 'requests of a join', unit: '' },
  { key: 'score', name: 'score', unit: '', better: 'higher' },
]

/** Players of nowcast. Figures of others only show that the machine and the networks are the same. */
const ours = ['page', 'visit']

/** Returns the figures of all runs. Those of the watch page have the maximums of their network. */
export const networkFigures = (measured: readonly Measured[]): Figure[] =>
  measured.flatMap(({ name, player, profile, runs }) =>
    kept.map(({ key, name: what, unit, better }) => {
      const atMost = player === 'page' && key in profile.musts ? profile.musts[key as keyof Musts] : undefined
      return repeated(
        `${name}, ${player}: ${what}`,
        unit,
        runs.map((run) => run[key]),
        {
          ...(better !== undefined && ours.includes(player) ? { better } : {}),
          ...(typeof atMost === 'number' ? { atMost } : {}),
        },
      )
    }),
  )
