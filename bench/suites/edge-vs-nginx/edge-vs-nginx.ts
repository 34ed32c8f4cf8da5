import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import { repeatsSoFar, undisturbed } from '../../figures/undisturbed.ts'
import { leaveCore0ToServer } from '../../stand/edge-process.ts'
import { type Comparison, comparisonFigures, comparisonTable } from './comparison.ts'
import { type Contender, type Contest, startContest } from './contenders.ts'
import { measureSpikes } from './spikes.ts'
import { type LoadResult, requirePrograms, wrk } from './wrk.ts'

/** Factor of the duration with 1000 connections, so that the time for opening them matters less. */
const longer = 3

/** Cached objects under load, and the number of connections that request each of them. */
const loads = [
  { name: '1.5 KB playlist, 64 connections', target: '/720p.m3u8', bytes: 1500, connections: 64 },
  { name: '1.5 KB playlist, 1000 connections', target: '/720p.m3u8', bytes: 1500, connections: 1000 },
  { name: '250 KB part, 64 connections', target: '/1/720p/90.1.m4s', bytes: 250_000, connections: 64 },
  { name: '1.5 MB segment, 64 connections', target: '/1/720p/91.m4s', bytes: 1_500_000, connections: 64 },
] as const

/**
 * Compares the edge with nginx proxy_cache: server on core 0, load on core 1, one contender at a time,
 * medians of all runs. Arguments: runs (5), seconds of each load (3); with 1000 connections it lasts three
 * times as long.
 */
export async function edgeVsNginx([runs = '5', seconds = '3']: string[]): Promise<SuiteResult> {
  await requirePrograms()
  leaveCore0ToServer()
  const contest = await startContest()
  try {
    const comparisons = [
      ...(await measureLoads(contest, Number(runs), Number(seconds))),
      ...(await measureSpikes(contest, Number(runs))),
    ]
    const conditions = `medians of ${runs}, ${seconds} s each, ${longer * Number(seconds)} s with 1000 connections; ${repeatsSoFar()} runs repeated because others on the host took a hundredth of the machine`
    return keepResult(
      'edge-vs-nginx',
      'The edge beside nginx proxy_cache',
      { figures: comparisons.flatMap(comparisonFigures), table: comparisonTable(comparisons) },
      conditions,
    )
  } finally {
    await contest.stop()
  }
}

async function measureLoads({ contenders, origin, base }: Contest, runs: number, seconds: number) {
  for (const { target, bytes } of loads) origin.put(base + target, Buffer.alloc(bytes, 'x'))
  const comparisons: Comparison[] = []
  for (const { name, target, bytes, connections } of loads) {
    const load = { connections, seconds: connections < 1000 ? seconds : longer * seconds }
    const measured: Record<Contender['name'], LoadResult[]> = { nowcast: [], nginx: [], tuned: [] }
    for (const contender of contenders)
      await wrk(contender, base + target, bytes, { connections, seconds: 1 })
    for (let run = 0; run < runs; run += 1)
      for (const contender of contenders)
        measured[contender.name].push(await undisturbed(() => wrk(contender, base + target, bytes, load)))
    const compare = (
      what: string,
      unit: string,
      key: keyof LoadResult,
      must?: Comparison['must'],
    ): Comparison => ({
      name: `${name}: ${what}`,
      unit,
      nowcast: measured.nowcast.map((load) => load[key]),
      nginx: measured.nginx.map((load) => load[key]),
      tuned: measured.tuned.map((load) => load[key]),
      ...(must ? { must } : {}),
    })
    if (bytes < 10_000)
      comparisons.push(
        compare('requests a second', '', 'perSecond', { ratioAtLeast: 1.2 }),
        compare('p99', 'ms', 'p99', connections >= 1000 ? { ratioAtMost: 1 } : undefined),
        compare('CPU for each', 'µs', 'cpuPerRequest'),
      )
    else comparisons.push(compare('CPU for each GB', 's', 'cpuPerGb', { ratioAtMost: 1 }))
  }
  return comparisons
}
