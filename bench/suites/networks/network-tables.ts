import { median } from '../../figures/statistics.ts'
import type { NetworkRun } from './network-viewer.ts'
import type { Musts, Profile } from './profiles.ts'
import type { Rung, ViewFigures } from './view-figures.ts'

/** All runs of a player on a profile. */
export interface Measured {
  name: string
  profile: Profile
  player: string
  runs: readonly NetworkRun[]
  /** The renditions that the player could choose from. */
  ladder: readonly Rung[]
}

type Numbers = ViewFigures & Pick<NetworkRun, 'busy' | 'droppedShare' | 'reloads'>

const headings = [
  ...['network', 'player', 'join', 'to top', 'stalled', 'stalls, longest', 'age p50', 'age p95'],
  ...['played kbit/s', 'of possible', 'ups, gap', 'downs, gap', 'requests', 'score', 'dropped', 'CPU'],
]

/** Renders Markdown: what was measured, what the watch page must reach, and the networks and ladders. */
export function networkTables(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, player, runs }) => {
    const of = mediansOf(runs)
    return [
      ...[name, player, seconds(of.joinMs), seconds(of.topMs), percent(of.stalledShare)],
      ...[`${of.stalls}, ${seconds(of.longestStallMs)}`, seconds(of.ageP50Ms), seconds(of.ageP95Ms)],
      ...[of.playedKbps.toFixed(0), percent(of.carriedShare), `${of.switchesUp}, ${seconds(of.upGapMs)}`],
      ...[
        `${of.switchesDown}, ${seconds(of.downGapMs)}`,
        `${of.joinRequests}`,
        of.score.toFixed(3),
        percent(of.droppedShare),
        percent(of.busy),
      ],
    ]
  })
  const musts = measured
    .filter(({ player }) => player === 'page')
    .flatMap((each) =>
      mustRows(
        each,
        measured.filter(({ name }) => name === each.name),
      ),
    )
  const networks = new Map(measured.map(({ name, profile }) => [name, profile.about]))
  const ladders = new Set(
    measured.map(({ profile, ladder }) => `source ${profile.source}: ${textOf(ladder)}`),
  )
  return [
    table(headings, rows),
    ...(musts.length > 0
      ? [table(['network', 'figure of the watch page', 'measured', 'must', ''], musts)]
      : []),
    [...networks].map(([name, about]) => `- ${name}: ${about}`).join('\n'),
    [...ladders].map((text) => `- ${text}`).join('\n'),
  ].join('\n\n')
}

const textOf = (ladder: readonly Rung[]) =>
  ladder.map(({ height, kbps }) => `${height}p of ${Math.round(kbps)} kbit/s`).join(', ')

function mediansOf(runs: readonly NetworkRun[]): Numbers {
  const names = Object.keys(runs[0] ?? {}).filter(
    (name) => typeof runs[0]?.[name as keyof Numbers] === 'number',
  )
  return Object.fromEntries(
    names.map((name) => [name, median(runs.map((run) => run[name as keyof Numbers]))]),
  ) as unknown as Numbers
}

const seconds = (ms: number) => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'never')
const percent = (share: number) => `${(share * 100).toFixed(1)} %`

/** Label and format of each figure that `Musts` bounds. */
const mustFigures: Record<
  Exclude<keyof Musts, 'beatsOthers'>,
  [name: string, format: (value: number) => string]
> = {
  joinMs: ['join', seconds],
  topMs: ['from the first frame to the top rendition', seconds],
  stalledShare: ['stalled', percent],
  stalls: ['stalls', String],
  longestStallMs: ['longest stall', seconds],
  upGapMs: ['longest gap at a change up', seconds],
  droppedShare: ['frames dropped', percent],
  ageP50Ms: ['age p50', seconds],
  restoredMs: ['former rendition, after the link is back', seconds],
  reloads: ['reloads', String],
  recoveryMs: ['picture, after the network is back', seconds],
}

function mustRows({ name, profile, runs }: Measured, beside: readonly Measured[]): string[][] {
  const of = mediansOf(runs)
  const rows = Object.entries(mustFigures).flatMap(([key, [label, format]]) => {
    const figure = key as keyof typeof mustFigures
    const must = profile.musts[figure]
    if (must === undefined) return []
    return [[name, label, format(of[figure]), `≤ ${format(must)}`, verdict(of[figure] <= must)]]
  })
  const others = beside.filter(({ player }) => player === 'hlsjs' || player === 'shaka')
  if (!profile.musts.beatsOthers || others.length === 0) return rows
  const best = Math.max(...others.map((each) => mediansOf(each.runs).score))
  return [...rows, [name, 'score', of.score.toFixed(3), `> ${best.toFixed(3)}`, verdict(of.score > best)]]
}

const verdict = (holds: boolean) => (holds ? 'holds' : 'missed')

const table = (head: readonly string[], rows: readonly string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
