import { readCurve } from '../curves/curve.ts'
import { type ModelInputs, predict } from '../model/model.ts'
import type { KneeResult } from '../run/campaign.ts'
import type { RunResult } from '../run/result.ts'
import { shownRun } from '../run/tables.ts'
import { htmlTable, paragraph, section } from './html.ts'

/** Returns low latency beside classic HLS, for each server that was measured with both. */
export function lowLatencyAgainstClassic(knees: readonly KneeResult[], inputs: ModelInputs): string {
  const pairs = knees.flatMap((one) =>
    knees
      .filter(
        ({ architecture: { layers, peer, isLowLatency } }) =>
          peer === undefined && !isLowLatency && layers.join() === one.architecture.layers.join(),
      )
      .flatMap((other) => (one.architecture.isLowLatency ? [[one, other] as const] : [])),
  )
  if (pairs.length === 0) return ''
  const cells = (each: KneeResult) => {
    const run = shownRun(each)
    if (run === undefined) return []
    const present = run.samples.map(({ insiders, newcomers }) => insiders.present + newcomers.present)
    const mean = present.reduce((sum, count) => sum + count, 0) / Math.max(1, present.length)
    const cpuPerViewer = run.cpuPerViewerHour / 3600
    const partSeconds = each.architecture.isLowLatency ? inputs.partSeconds : 0
    const cost = predict({ ...inputs, cpuPerViewer, partSeconds })
    return [
      ...[each.architecture.id, String(run.viewers), `${(run.insiders.latencyP50 / 1000).toFixed(2)} s`],
      ...[
        (run.perSecond.requests / mean).toFixed(2),
        `${((1000 * run.perSecond.mbit) / mean).toFixed(0)} kbit/s`,
      ],
      ...[`${run.cpuPerViewerHour.toFixed(1)} s`, `$${cost.total.toFixed(4)}`],
    ]
  }
  return section(
    'Low latency against classic HLS',
    paragraph(
      'The same source and bitrate through the same servers, with parts and without. The price of a viewer-hour is that of the model below, with the CPU measured here.',
    ),
    htmlTable([
      [
        'architecture',
        'viewers',
        'latency p50',
        'requests/s of a viewer',
        'bodies',
        'CPU of a viewer-hour',
        'price',
      ],
      ...pairs.flatMap((pair) => pair.map(cells)),
    ]),
  )
}

/** Time after an event within which the viewers must be well for the system to count as stable, s. */
const stableSeconds = 10

/** Returns how runs with a pause or an outage recovered. */
export function recovery(runs: readonly RunResult[]): string {
  const rows = runs.flatMap((run) => {
    const events = readCurve(run.curve).events.filter(({ kind }) => kind !== 'switch')
    return events.map(({ at, kind, ms }, index) => {
      const over = at + ms / 1000
      const until = events[index + 1]?.at ?? Number.POSITIVE_INFINITY
      const after = run.samples.filter((sample) => sample.at > over && sample.at <= until)
      const steady = Math.max(
        1,
        ...run.samples.filter((sample) => sample.at <= at).map(({ requests }) => requests),
      )
      const peak = Math.max(
        0,
        ...run.samples
          .filter((sample) => sample.at > at && sample.at <= until)
          .map(({ requests }) => requests),
      )
      const bad = after.findLast(({ insiders: { playing, present } }) => playing < 0.99 * present)
      const wellAt = bad === undefined ? over : after.find((sample) => sample.at > bad.at)?.at
      const well = wellAt === undefined ? 'not in this run' : `${(wellAt - over).toFixed(0)} s`
      const isStable = wellAt !== undefined && wellAt - over <= stableSeconds
      return [
        ...[`${run.architecture}, ${run.curve}, ${run.viewers}`, `${kind} of ${ms / 1000} s`, well],
        ...[
          `${(peak / steady).toFixed(2)} times`,
          String(run.insiders.losses),
          isStable ? 'yes' : 'missed: no',
        ],
      ]
    })
  })
  if (rows.length === 0) return ''
  return section(
    'Recovery',
    paragraph(
      `A system is stable when 99 % of the viewers who were there play again within ${stableSeconds} s of the end of the trouble, although all of them repeat their requests at once. Otherwise its load may keep it down.`,
    ),
    htmlTable([
      ['run', 'trouble', '99 % well after it', 'requests, most ÷ before', 'players that gave up', 'stable'],
      ...rows,
    ]),
  )
}
