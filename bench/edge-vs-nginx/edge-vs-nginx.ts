import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { repeatsSoFar, undisturbed } from '../undisturbed.ts'
import { type Comparison, comparisonTable } from './comparison.ts'
import { type Contender, type Contest, startContest } from './contenders.ts'
import { measureSpikes } from './spikes.ts'
import { type Load, needPrograms, wrk } from './wrk.ts'

const results = 'bench/results/edge-vs-nginx.md'

/** A load lasts so many times as long where a thousand connections are opened first, which is not what is asked. */
const longer = 3

/** A cached object under load: how large it is and how many connections ask for it. */
const loads = [
  { name: '1.5 KB playlist, 64 connections', target: '/720p.m3u8', bytes: 1500, connections: 64 },
  { name: '1.5 KB playlist, 1000 connections', target: '/720p.m3u8', bytes: 1500, connections: 1000 },
  { name: '250 KB part, 64 connections', target: '/1/720p/90.1.m4s', bytes: 250_000, connections: 64 },
  { name: '1.5 MB segment, 64 connections', target: '/1/720p/91.m4s', bytes: 1_500_000, connections: 64 },
] as const

/**
 * The edge beside nginx proxy_cache: server on core 0, load on core 1, all in turn, medians of `runs`. The table also goes
 * into a file. Arguments: runs (5), seconds of each load (3), thrice that with 1000 connections.
 */
export async function edgeVsNginx([runs = '5', seconds = '3']: string[]): Promise<string> {
  await needPrograms()
  // The origin and the crowd live in this process: beside wrk, out of the way of the servers.
  execFileSync('taskset', ['-cp', '1', String(process.pid)])
  const contest = await startContest()
  try {
    const comparisons = [
      ...(await measureLoads(contest, Number(runs), Number(seconds))),
      ...(await measureSpikes(contest, Number(runs))),
    ]
    const setUp = `${cpus()[0]?.model}, Node ${process.version}; medians of ${runs}, ${seconds} s each, ${longer * Number(seconds)} s with 1000 connections; ${repeatsSoFar()} runs repeated because others on the host took a hundredth of the machine`
    const text = `${comparisonTable(comparisons)}\n\n${setUp}`
    mkdirSync('bench/results', { recursive: true })
    writeFileSync(results, `# The edge beside nginx proxy_cache\n\n${text}\n`)
    return text
  } finally {
    await contest.stop()
  }
}

async function measureLoads({ contenders, origin, base }: Contest, runs: number, seconds: number) {
  for (const { target, bytes } of loads) origin.put(base + target, Buffer.alloc(bytes, 'x'))
  const comparisons: Comparison[] = []
  for (const { name, target, bytes, connections } of loads) {
    const load = { connections, seconds: connections < 1000 ? seconds : longer * seconds }
    const measured: Record<Contender['name'], Load[]> = { nowcast: [], nginx: [], tuned: [] }
    for (const contender of contenders)
      await wrk(contender, base + target, bytes, { connections, seconds: 1 })
    for (let run = 0; run < runs; run += 1)
      for (const contender of contenders)
        measured[contender.name].push(await undisturbed(() => wrk(contender, base + target, bytes, load)))
    const compare = (what: string, unit: string, key: keyof Load, must?: Comparison['must']): Comparison => ({
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
