import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import { quantile } from '../../figures/statistics.ts'
import { type Figure, figureTable } from '../../figures/table.ts'
import { attribute, causeOf, longestOfEach } from './attribution.ts'
import type { SequenceStep, SessionChange } from './playlist-readers.ts'
import type { Rejoin } from './viewers/crowd.ts'
import type { Stall } from './viewers/stall.ts'

/** An event that has happened. Unix times, ms. */
export interface PastEvent {
  kind: string
  target: string
  startedAt: number
  endedAt: number
  /** Edge that Chromium used at the start. */
  pageEdge: string
  /** What did not work again before the next event; empty when all is well. */
  unwell: string[]
}

/** What was seen in a run. */
export interface ChaosRecord {
  startedAt: number
  events: readonly PastEvent[]
  simulated: readonly Stall[]
  page: readonly Stall[]
  rejoins: readonly Rejoin[]
  reloads: number
  watched: { playedMs: number; stalledMs: number; pageMs: number }
  lostSessions: readonly SessionChange[]
  otherSessions: number
  steps: readonly SequenceStep[]
  gaps: number
  orphans: readonly string[]
  leakedKeys: readonly string[]
  expiringKeys: readonly string[]
  /** Delay of the event loop of the simulated viewers, p99, ms: more than a stall means a busy machine. */
  loopDelayMs: number
}

/** Maximum length of a stall, s, and maximum share of all viewing that may be stalled, percent. */
const [maxStallSeconds, maxStalledPercent] = [4, 1]

/** Kinds of simulated viewers. */
const viewerKinds = [
  { name: 'watch page', is: ({ viewer }: Stall) => viewer.startsWith('page') },
  { name: 'hls.js', is: ({ viewer }: Stall) => viewer.startsWith('plain') },
]

const lengthOf = ({ from, to }: Stall) => to - from
const longest = (stalls: readonly Stall[]) => stalls.reduce((most, each) => Math.max(most, lengthOf(each)), 0)
const seconds = (ms: number) => (ms / 1000).toFixed(1)

/** Writes what was seen to bench/results/chaos.md and .json. */
export function reportChaos(record: ChaosRecord, viewers: number, conditions: string): SuiteResult {
  const figures = figuresOf(record)
  const table = [
    figureTable(figures),
    kindTable(record, viewers),
    `Time line, with what each event caused:\n\n${timeLine(record).join('\n')}`,
    ...listed('Sessions that were lost', record.lostSessions.map(changeLine(record))),
    ...listed('Steps in playlists', record.steps.map(stepLine(record))),
    ...listed(
      'Keys of sessions that are left in Redis',
      record.leakedKeys.map((key) => `\`${key}\``),
    ),
    ...listed(
      'Processes that are left',
      record.orphans.map((each) => `\`${each}\``),
    ),
  ].join('\n\n')
  return keepResult('chaos', 'A cluster under faults', { figures, table }, conditions)
}

function figuresOf(record: ChaosRecord): Figure[] {
  const { simulated, page, watched, rejoins } = record
  const stalled = watched.stalledMs + page.reduce((sum, each) => sum + lengthOf(each), 0)
  const share = stalled / (watched.playedMs + watched.stalledMs + watched.pageMs)
  const atMost = maxStallSeconds
  const count = (name: string, value: number, more: Partial<Figure> = {}): Figure => ({
    ...{ name, value, unit: '' },
    ...more,
  })
  return [
    { name: 'longest stall, Chromium', value: longest(page) / 1000, unit: 's', atMost },
    ...viewerKinds.map(({ name, is }) => ({
      name: `longest stall, simulated ${name}`,
      value: longest(simulated.filter(is)) / 1000,
      unit: 's',
      atMost,
    })),
    { name: 'stalled share of all viewing', value: 100 * share, unit: '%', atMost: maxStalledPercent },
    count('sessions lost', record.lostSessions.length, { atMost: 0 }),
    count('steps in media sequence and discontinuity numbers', record.steps.length, { atMost: 0 }),
    count('orphan processes', record.orphans.length, { atMost: 0 }),
    count('keys of sessions left in Redis', record.leakedKeys.length, { atMost: 0 }),
    count('keys of sessions that expire later', record.expiringKeys.length),
    count('sessions after an absence beyond the grace time', record.otherSessions),
    count('segments without media', record.gaps, { better: 'lower' }),
    count('stalls, simulated viewers', simulated.length, { better: 'lower' }),
    count('stalls, Chromium', page.length, { better: 'lower' }),
    count('reloads, Chromium', record.reloads, { atMost: 0 }),
    count('players that gave up and began again', rejoins.filter(isGivenUp).length, { better: 'lower' }),
    count('viewers whose playlist ended', rejoins.length - rejoins.filter(isGivenUp).length, {
      better: 'lower',
    }),
    count('events', record.events.length),
    count(
      'events that were not over at the next one',
      record.events.filter((each) => each.unwell.length > 0).length,
    ),
    { name: 'delay of the event loop of the viewers, p99', value: record.loopDelayMs, unit: 'ms' },
  ]
}

const isGivenUp = ({ why }: Rejoin) => why === 'player gave up'

function kindTable(record: ChaosRecord, viewers: number): string {
  const { events } = record
  const stalls = attribute(record.simulated, ({ from }) => from, events)
  const pageStalls = attribute(record.page, ({ from }) => from, events)
  const rejoins = attribute(record.rejoins, ({ at }) => at, events)
  const rows = [...Map.groupBy(events, ({ kind }) => kind)].map(([kind, same]) => {
    const ofPage = same.flatMap((event) => pageStalls.get(event) ?? [])
    const ofViewers = viewerKinds.flatMap(({ is }) => {
      // Viewers without a stall count with 0. Half of the viewers are of each kind.
      const lengths = same.flatMap((event) => {
        const longest = longestOfEach((stalls.get(event) ?? []).filter(is))
        return [...longest, ...Array<number>(Math.max(0, Math.ceil(viewers / 2) - longest.length)).fill(0)]
      })
      return [`${seconds(quantile(lengths, 0.95))} s`, `${seconds(Math.max(...lengths))} s`]
    })
    return [
      kind,
      String(same.length),
      `${seconds(longest(ofPage))} s`,
      ...ofViewers,
      String(same.reduce((sum, event) => sum + (rejoins.get(event)?.length ?? 0), 0)),
      `${same.filter(({ unwell }) => unwell.length === 0).length} of ${same.length}`,
    ]
  })
  const columns = viewerKinds.flatMap(({ name }) => [`${name}, p95`, `${name}, longest`])
  const head = ['event', 'count', 'Chromium, longest', ...columns, 'began again', 'recovered']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function timeLine(record: ChaosRecord): string[] {
  const { events, startedAt } = record
  const stalls = attribute(record.simulated, ({ from }) => from, events)
  const pageStalls = attribute(record.page, ({ from }) => from, events)
  const rejoins = attribute(record.rejoins, ({ at }) => at, events)
  return events.map((event) => {
    const ofViewers = stalls.get(event) ?? []
    const ofPage = pageStalls.get(event) ?? []
    const again = rejoins.get(event)?.length ?? 0
    const followed = [
      ...(ofPage.length === 0 ? [] : [`Chromium at ${event.pageEdge} stalled ${seconds(longest(ofPage))} s`]),
      ...viewerKinds.flatMap(({ name, is }) => {
        const ofKind = ofViewers.filter(is)
        const stalled = longestOfEach(ofKind).length
        return stalled === 0 ? [] : [`${stalled} × ${name} stalled, at most ${seconds(longest(ofKind))} s`]
      }),
      ...(again === 0 ? [] : [`${again} began again`]),
      ...event.unwell.map((what) => `not well: ${what}`),
    ]
    const at = ((event.startedAt - startedAt) / 1000).toFixed(0).padStart(4)
    const lasted = seconds(event.endedAt - event.startedAt)
    return `- ${at} s: ${event.kind}, ${event.target}, over after ${lasted} s: ${followed.join('; ') || 'nothing'}`
  })
}

const causeText = (at: number, { events, startedAt }: ChaosRecord) => {
  const cause = causeOf(at, events)
  const second = ((at - startedAt) / 1000).toFixed(0)
  return `${second} s, after ${cause === undefined ? 'nothing' : `${cause.kind} (${cause.target})`}`
}

const changeLine = (record: ChaosRecord) => (change: SessionChange) =>
  `${causeText(change.at, record)}: ${change.slug}, ${change.from} became ${change.to}`

const stepLine = (record: ChaosRecord) => (step: SequenceStep) =>
  `${causeText(step.at, record)}: ${step.where}, ${step.what}`

const listed = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:\n\n${lines.map((line) => `- ${line}`).join('\n')}`]
