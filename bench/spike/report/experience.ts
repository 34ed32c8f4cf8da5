import type { RunResult } from '../run/result.ts'
import type { Sample } from '../run/samples.ts'
import { lineChart, type Series } from './chart.ts'
import { charts, htmlTable, paragraph, section } from './html.ts'

const nameOf = ({ architecture, curve, viewers }: RunResult) => `${architecture}, ${curve}, ${viewers}`

/** Returns how late viewers received new playlists: the tail that almost every viewer meets. */
export function lateness(runs: readonly RunResult[]): string {
  const held = runs.filter(({ lateness: { count } }) => count > 0)
  if (held.length === 0) return ''
  const [{ lateness: first } = { lateness: { points: [] } }] = held
  const rows = held.map((run) => [
    ...[nameOf(run), String(run.lateness.count)],
    ...run.lateness.points.map(([, ms]) => `${ms.toFixed(1)} ms`),
  ])
  // Each step to the right has a tenth of the responses of the one before.
  const ninesOf = (percentile: number) => -Math.log10(1 - percentile / 100)
  const series = held.map(
    (run): Series => ({
      name: nameOf(run),
      points: run.lateness.points
        .filter(([percentile]) => percentile < 100)
        .map(([percentile, ms]) => [ninesOf(percentile), ms] as const),
    }),
  )
  return section(
    'How late new playlists came',
    paragraph(
      'All viewers hold a request until there is a new part. Lateness counts from the first response to any viewer with that version, so it is how long the wave of responses takes, without the time in which the server makes the version. Values are at most 10 % too high. A viewer with low latency sends about 6 such requests a second, so it meets the 99th percentile every 17 s.',
    ),
    htmlTable([
      [
        'run',
        'responses',
        ...first.points.map(([percentile]) => (percentile === 100 ? 'most' : `p${percentile}`)),
      ],
      ...rows,
    ]),
    charts([
      lineChart({
        title: 'Lateness of new playlists by percentile',
        xLabel: 'nines: 1 is p90, 2 is p99, 3 is p99.9, 4 is p99.99',
        yLabel: 'ms',
        series,
      }),
    ]),
  )
}

/** Returns the stalls of single viewers: how many had any, and how bad they were. */
export function stalls(runs: readonly RunResult[]): string {
  const series = runs.map((run): Series => {
    const sorted = run.stallsOf.map(({ stalledMs }) => stalledMs / 1000).toSorted((one, other) => one - other)
    const without = run.insiders.count + run.newcomers.count - sorted.length
    const total = Math.max(1, without + sorted.length)
    const every = Math.max(1, Math.ceil(sorted.length / 200))
    const points = sorted.flatMap((seconds, index): [number, number][] =>
      index % every === 0 || index === sorted.length - 1
        ? [[seconds, (100 * (without + index + 1)) / total]]
        : [],
    )
    return { name: nameOf(run), points: [[0, (100 * without) / total], ...points] }
  })
  const rows = runs.flatMap((run) =>
    (['insiders', 'newcomers'] as const).map((group) => {
      const { count, withStall, worstStallMs, rebuffering } = run[group]
      const own = run.stallsOf.filter(({ isInsider }) => isInsider === (group === 'insiders'))
      const most = own.reduce((highest, each) => Math.max(highest, each.stalls), 0)
      return [
        ...[`${nameOf(run)}: ${group}`, String(count), `${(100 * withStall).toFixed(1)} %`],
        ...[String(most), `${(worstStallMs / 1000).toFixed(1)} s`, `${(100 * rebuffering).toFixed(2)} %`],
      ]
    }),
  )
  return section(
    'Stalls of single viewers',
    charts([
      lineChart({
        title: 'Viewers who stalled for at most a time',
        xLabel: 's of stalls in the whole run',
        yLabel: '%',
        yMax: 100,
        series,
      }),
    ]),
    htmlTable([
      ['group', 'viewers', 'with a stall', 'most stalls', 'longest in all', 'rebuffering'],
      ...rows,
    ]),
  )
}

/** Returns the CPU of each process and the latencies of each shown run over time. */
export function processes(runs: readonly RunResult[]): string {
  const xLabel = 's after the start of the curve'
  const of = (samples: readonly Sample[], value: (sample: Sample) => number) =>
    samples.map((sample) => [sample.at, value(sample)] as const)
  const yMax = Math.max(
    1,
    ...runs
      .flatMap(({ samples }) => samples.map(({ latencyP95Ms }) => latencyP95Ms / 1000))
      .filter(Number.isFinite),
  )
  return section(
    'Each architecture by itself',
    charts(
      runs.flatMap((run) => [
        lineChart({
          title: `${nameOf(run)}: CPU of each process`,
          ...{ xLabel, yLabel: 'cores', yMax: 1 },
          series: [
            ...run.cpu.map(({ name }) => ({ name, points: of(run.samples, ({ cpu }) => cpu[name] ?? 0) })),
            { name: 'viewers', points: of(run.samples, ({ generatorCpu }) => generatorCpu) },
          ],
        }),
        lineChart({
          title: `${nameOf(run)}: latency to live`,
          ...{ xLabel, yLabel: 's', yMax },
          series: [
            { name: 'p50', points: of(run.samples, ({ latencyMs }) => latencyMs / 1000) },
            { name: 'p95', points: of(run.samples, ({ latencyP95Ms }) => latencyP95Ms / 1000) },
          ],
        }),
      ]),
    ),
  )
}

/** Returns the errors of all viewers by their kind, for each run that has any. */
export function errorKinds(runs: readonly RunResult[]): string {
  const rows = runs.flatMap((run) =>
    Object.entries(run.errors).map(([kind, count]) => {
      const seconds = run.samples
        .filter(({ errorKinds: kinds }) => (kinds[kind] ?? 0) > 0)
        .map(({ at }) => at)
      const when =
        seconds.length === 0
          ? 'before the curve'
          : `${seconds[0]?.toFixed(0)} to ${seconds.at(-1)?.toFixed(0)} s`
      return [nameOf(run), kind, String(count), when]
    }),
  )
  if (rows.length === 0) return section('Errors', paragraph('No request failed in the runs above.'))
  return section('Errors', htmlTable([['run', 'status or kind', 'number', 'when'], ...rows]))
}
