import { median } from '../../figures/statistics.ts'
import type { Curve } from '../curves/curve.ts'
import { perSecond } from '../curves/plan.ts'
import type { KneeResult } from '../run/campaign.ts'
import { limits, type RunResult } from '../run/result.ts'
import type { Sample } from '../run/samples.ts'
import { formatFigure, kneeText, noiseOf, repeatedRuns, runFigures, shownRun } from '../run/tables.ts'
import type { CampaignResult } from './campaign-result.ts'
import { barChart, lineChart, type Series } from './chart.ts'
import { charts, htmlTable, list, paragraph, section } from './html.ts'

const percent = (share: number) => `${(100 * share).toFixed(2)} %`
const ms = (value: number) => (Number.isFinite(value) ? `${value.toFixed(0)} ms` : 'never')

/** Returns one sentence for each architecture, those with the smallest knee first. */
export function verdicts(knees: readonly KneeResult[]): string {
  const sorted = knees.toSorted((one, other) => one.knee.viewers - other.knee.viewers)
  const sentences = sorted.map((each) => {
    const { architecture, knee, runs } = each
    const failed = runs.find(({ viewers, isServed }) => viewers === knee.upTo && !isServed)
    const why =
      failed === undefined
        ? 'a larger crowd was not tried'
        : failed.isVoid !== undefined || failed.isGeneratorLimited
          ? `with ${failed.viewers} the generator was at its limit`
          : `with ${failed.viewers}, newcomers' join p95 was ${ms(failed.newcomers.joinP95)} and insiders' rebuffering ${percent(failed.insiders.rebuffering)}`
    return `${architecture.name} (${architecture.id}) served ${knee.viewers} viewers; ${why}.`
  })
  const table = [
    [
      'architecture',
      'knee',
      "newcomers' join p95, must ≤ 2 s",
      "insiders' rebuffering, must ≤ 0.5 %",
      'largest crowd served',
    ],
    ...sorted.map((each) => {
      const run = shownRun(each)
      const mark = (holds: boolean, text: string) => `${holds ? '' : 'missed: '}${text}`
      return [
        each.architecture.id,
        kneeText(each),
        run === undefined ? '' : mark(run.newcomers.joinP95 <= limits.joinP95Ms, ms(run.newcomers.joinP95)),
        run === undefined
          ? ''
          : mark(run.insiders.rebuffering <= limits.rebuffering, percent(run.insiders.rebuffering)),
        run === undefined ? '' : String(run.viewers),
      ]
    }),
  ]
  const bars = sorted.map((each) => ({
    name: each.architecture.id,
    value: each.knee.viewers,
    upTo: Number.isFinite(each.knee.upTo) ? each.knee.upTo : each.knee.viewers,
    label: kneeText(each),
  }))
  return [
    charts([barChart('Knee: largest crowd that was served. Hatched: it is in this range', 'viewers', bars)]),
    list(sentences),
    htmlTable(table),
  ].join('\n')
}

/** Returns the degradation curves: how the crowd's size changes what viewers see. */
export function degradation(knees: readonly KneeResult[]): string {
  const seriesOf = (of: (run: RunResult) => number): Series[] =>
    knees.map(({ architecture, runs }) => ({
      name: architecture.id,
      points: runs
        .toSorted((one, other) => one.viewers - other.viewers)
        .map((run) => [run.viewers, of(run)] as const),
    }))
  const common = { xLabel: 'viewers at the peak' }
  return section(
    'What a larger crowd changes',
    charts([
      lineChart({
        ...common,
        title: "Newcomers' join, 95th percentile",
        yLabel: 's',
        yMax: 10,
        limit: { value: 2, name: 'must ≤ 2 s' },
        series: seriesOf(({ newcomers }) => Math.min(newcomers.joinP95, 10_000) / 1000),
      }),
      lineChart({
        ...common,
        title: "Insiders' rebuffering",
        yLabel: '%',
        limit: { value: 0.5, name: 'must ≤ 0.5 %' },
        series: seriesOf(({ insiders }) => 100 * insiders.rebuffering),
      }),
      lineChart({
        ...common,
        title: 'CPU of all servers',
        yLabel: 'cores',
        series: seriesOf(({ serverCpu }) => serverCpu),
      }),
      lineChart({
        ...common,
        title: 'Requests at the origin',
        yLabel: 'requests/s',
        series: seriesOf(({ perSecond: { originRequests } }) => originRequests),
      }),
    ]),
    paragraph('A join that never happens is drawn at 10 s.'),
  )
}

/** Returns the timelines of the shown runs, one above the other, on the same scales. */
export function timelines(title: string, runs: readonly RunResult[]): string {
  const of = (value: (sample: Sample) => number): Series[] =>
    runs.map(({ architecture, curve, viewers, samples }) => ({
      name: `${architecture}, ${curve}, ${viewers}`,
      points: samples.map((sample) => [sample.at, value(sample)] as const),
    }))
  const xLabel = 's after the start of the curve'
  const chart = (name: string, yLabel: string, value: (sample: Sample) => number) =>
    lineChart({ title: name, xLabel, yLabel, series: of(value) })
  return section(
    title,
    charts([
      chart('Viewers present', 'viewers', ({ insiders, newcomers }) => insiders.present + newcomers.present),
      chart(
        'Share of those present who play',
        '%',
        ({ insiders, newcomers }) =>
          (100 * (insiders.playing + newcomers.playing)) / Math.max(1, insiders.present + newcomers.present),
      ),
      chart('Joins', 'first frames/s', ({ joins }) => joins),
      chart('Requests of viewers', 'requests/s', ({ requests }) => requests),
      chart('Bodies to viewers', 'Mbit/s', ({ mbit }) => mbit),
      chart('Latency to live, median', 's', ({ latencyMs }) => latencyMs / 1000),
      chart('CPU of all servers', 'cores', ({ serverCpu }) => serverCpu),
      chart('Requests at the origin', 'requests/s', ({ originRequests }) => originRequests),
      chart('Traffic at the origin', 'Mbit/s', ({ originMbit }) => originMbit),
      chart('Error responses and timeouts', 'per s', ({ errors }) => errors),
      chart('Longest delay of a server', 'ms', ({ serverLagMs }) => serverLagMs),
      chart('Longest delay of the generator', 'ms', ({ lagMs }) => lagMs),
    ]),
  )
}

/**
 * Returns how long newcomers needed to join, as a distribution. Those who did not join are missing at 100 %.
 */
export function joins(runs: readonly RunResult[]): string {
  const series = runs.map(({ architecture, viewers, joinsMs }): Series => {
    const sorted = joinsMs.toSorted((one, other) => one - other)
    const points = sorted.flatMap((join, index): [number, number][] =>
      Number.isFinite(join) && (index % Math.ceil(sorted.length / 200) === 0 || index === sorted.length - 1)
        ? [[join / 1000, (100 * (index + 1)) / sorted.length]]
        : [],
    )
    return { name: `${architecture}, ${viewers}`, points }
  })
  return section(
    'How fast newcomers joined',
    charts([
      lineChart({
        title: 'Newcomers with a picture after a time',
        xLabel: 's after the visit began',
        yLabel: '%',
        yMax: 100,
        series,
      }),
    ]),
  )
}

/** Returns the planned and the achieved arrivals of a run. */
export function arrivals(curve: Curve, planned: readonly number[], run: RunResult): string {
  const seriesOf = (name: string, times: readonly number[]): Series => ({
    name,
    points: [...perSecond(times)].toSorted(([one], [other]) => one - other),
  })
  return section(
    'The crowd',
    paragraph(`${curve.name}: ${curve.about}. Basis: ${curve.basis}.`),
    charts([
      lineChart({
        title: `Arrivals in each second, ${run.viewers} viewers`,
        xLabel: 's after the start of the curve; insiders arrive before',
        yLabel: 'viewers',
        series: [seriesOf('planned', planned), seriesOf('achieved', run.arrivedMs)],
      }),
    ]),
    paragraph(
      `The largest difference between plan and arrivals was ${percent(run.deviation)} of the crowd in this run. A run with more than 2 % does not count.`,
    ),
  )
}

/** Returns all figures of the shown runs, each with the noise. */
export function figures(knees: readonly KneeResult[], same: readonly RunResult[]): string {
  const shown = knees.flatMap((each) => shownRun(each) ?? [])
  const rows = runFigures.map((figure) => {
    const noise = noiseOf(figure, same)
    return [
      figure.name,
      ...shown.map((run) => formatFigure(figure.of(run), figure)),
      Number.isFinite(noise) ? `± ${(50 * noise).toFixed(1)} %` : 'not measured',
    ]
  })
  return section(
    'All figures, at the largest crowd that was served',
    htmlTable([
      ['figure', ...shown.map(({ architecture, viewers }) => `${architecture}, ${viewers}`), 'noise'],
      ...rows,
    ]),
    paragraph(
      'Noise is half the distance between the smallest and the largest figure of repeated runs with the same architecture, crowd and seed, relative to their median; the largest one of all repeated architectures. A difference below it means nothing.',
    ),
  )
}

/** Returns the medians and ranges of runs that were repeated, in random order of the architectures. */
export function repeats({ same, knees, again }: Pick<CampaignResult, 'same' | 'knees' | 'again'>): string {
  const groups = repeatedRuns(same)
  if (groups.length === 0) return ''
  const first = knees.find(({ architecture }) => architecture.id === again?.architecture.id)
  const cell = (runs: readonly RunResult[], figure: (typeof runFigures)[number]) => {
    const values = runs.map((run) => figure.of(run))
    const [low, high] = [Math.min(...values), Math.max(...values)].map((each) => formatFigure(each, figure))
    return `${formatFigure(median(values), figure)} (${low} to ${high})`
  }
  return section(
    'The same run again',
    again === undefined || first === undefined
      ? ''
      : paragraph(
          `The knee of ${again.architecture.id}, searched twice with the same seed: ${kneeText(first)} and ${kneeText(again)}, which differ by ${percent(Math.abs(again.knee.viewers / first.knee.viewers - 1))}.`,
        ),
    paragraph('Medians, and in parentheses the smallest and the largest figure. Void runs do not count.'),
    htmlTable([
      [
        'figure',
        ...groups.map(
          ([first, ...more]) => `${first?.architecture}, ${first?.viewers}, ${1 + more.length} times`,
        ),
      ],
      ...runFigures.map((figure) => [figure.name, ...groups.map((runs) => cell(runs, figure))]),
    ]),
  )
}
