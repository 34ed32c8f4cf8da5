import type { Claim } from '../architectures/architecture.ts'
import type { KneeResult } from '../run/campaign.ts'
import { formatFigure, isLowerBound, runFigures, shownRun } from '../run/tables.ts'
import { list, paragraph, section } from './html.ts'

/** The range that a figure is in. Knees are known only to be between two crowds. */
interface Range {
  from: number
  to: number
}

/** What became of a claim. `open`: the measurement does not decide. */
export type ClaimState = 'holds' | 'refuted' | 'open' | 'not measured'

const figures: Record<Claim['figure'], { name: string; measured?: string }> = {
  knee: { name: 'the knee' },
  originPerVersion: {
    name: 'origin requests for each version',
    measured: 'origin requests for each version',
  },
  latenessP99: {
    name: 'the lateness of new playlists, p99 in ms',
    measured: 'lateness of new playlists, p99',
  },
  latencyP50: { name: 'the latency to live, p50 in ms', measured: "insiders' latency, p50" },
}

/** Figures are compared with this tolerance, because one version is under way when the counting ends. */
const tolerance = 0.02

/** Returns a claim for servers with a share of one core. Claims about knees are for a whole one. */
export function scaled(claim: Claim, coreShare: number): Claim {
  if (claim.figure !== 'knee' || claim.times !== undefined) return claim
  const { atLeast, atMost } = claim
  return {
    figure: 'knee',
    ...(atLeast === undefined ? {} : { atLeast: atLeast * coreShare }),
    ...(atMost === undefined ? {} : { atMost: atMost * coreShare }),
  }
}

/** Returns the state of a claim, and the range of what was measured. */
export function judge(
  { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY, figure, times }: Claim,
  of: KneeResult,
  knees: readonly KneeResult[],
): { state: ClaimState; range: Range | undefined } {
  const own = rangeOf(figure, of)
  const other =
    times === undefined
      ? one
      : rangeOf(
          figure,
          knees.find((each) => each.architecture.id === times),
        )
  if (own === undefined || other === undefined) return { state: 'not measured', range: undefined }
  const range = { from: own.from / other.to, to: own.to / other.from }
  const isRefuted = range.to < atLeast * (1 - tolerance) || range.from > atMost * (1 + tolerance)
  const holds = range.from >= atLeast * (1 - tolerance) && range.to <= atMost * (1 + tolerance)
  return { state: isRefuted ? 'refuted' : holds ? 'holds' : 'open', range }
}

const one: Range = { from: 1, to: 1 }

function rangeOf(figure: Claim['figure'], of: KneeResult | undefined): Range | undefined {
  const run = of && shownRun(of)
  if (of === undefined || run === undefined) return undefined
  if (figure === 'knee') {
    return { from: of.knee.viewers, to: isLowerBound(of) ? Number.POSITIVE_INFINITY : of.knee.upTo }
  }
  const found = runFigures.find(({ name }) => name === figures[figure].measured)
  const value = found?.of(run) ?? Number.NaN
  return Number.isNaN(value) ? undefined : { from: value, to: value }
}

/** Returns the section with what was expected before the run, and what became of it. */
export function hypotheses(knees: readonly KneeResult[], coreShare: number): string {
  const items = knees.flatMap((each) => {
    const { id, hypothesis, claims } = each.architecture
    const judged = claims
      .map((claim) => scaled(claim, coreShare))
      .map((claim) => {
        const { state, range } = judge(claim, each, knees)
        const measured = range === undefined ? '' : ` (${measuredText(range)})`
        return `${state}: ${textOf(claim)}${measured}`
      })
    return [paragraph(`${id}: ${hypothesis}. It is refuted unless:`), list(judged)]
  })
  return section(
    'What was expected before the run',
    paragraph(
      'The expectations are in the files of the architectures (bench/spike/architectures/), which were written before the run. What was measured is in parentheses. Knees are expected for a whole core, and scaled to the share that the servers had. A claim stays open when the knees are not known well enough.',
    ),
    ...items,
  )
}

function textOf({ figure, atLeast, atMost, times }: Claim): string {
  const limits = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ]
  return `${figures[figure].name} is ${limits.join(' and ')}${times === undefined ? '' : ` times that of ${times}`}`
}

function measuredText(range: Range): string {
  if (range.from === 0 && range.to === Number.POSITIVE_INFINITY) return 'not known'
  const number = (value: number) => formatFigure(value, { unit: '', digits: value < 10 ? 2 : 0 })
  if (range.from === range.to) return number(range.from)
  return Number.isFinite(range.to)
    ? `${number(range.from)} to ${number(range.to)}`
    : `≥ ${number(range.from)}`
}
