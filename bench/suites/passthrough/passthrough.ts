import { join } from 'node:path'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { totalOf, type Usage } from '../../figures/process-tree.ts'
import { keepResult } from '../../figures/result-file.ts'
import { median } from '../../figures/statistics.ts'
import { type Figure, figureTable, repeated } from '../../figures/table.ts'
import { mediaMtxVersion } from '../../stand/mediamtx.ts'
import { encodeSourceFile } from '../../stand/source-file.ts'
import { measureMediaMtx, measureNowcast, type Usages } from './contenders.ts'
import { profileNowcast } from './profile.ts'

const streams = 20
const megabyte = 1_000_000

/**
 * Measures CPU and memory of 20 channels of 4 Mbit/s that are only passed through, with Low-Latency HLS and
 * no viewer. Measures MediaMTX in the same way if it is on the PATH. The results are medians of alternating
 * rounds, each with a new instance. Arguments: rounds (5), seconds of each measurement (30), `profile` to
 * list the busiest functions of ingest and transcoder afterwards.
 */
export async function passthrough([rounds = '5', seconds = '30', ...more]: string[]): Promise<SuiteResult> {
  const dir = makeTempDir()
  const version = mediaMtxVersion()
  try {
    const file = join(dir.path, 'source.flv')
    encodeSourceFile(file)
    const load = { file, streams, measureMs: Number(seconds) * 1000 }
    const [ours, theirs]: [Usages[], Usages[]] = [[], []]
    for (let round = 0; round < Number(rounds); round++) {
      ours.push(await measureNowcast(load))
      if (version) theirs.push(await measureMediaMtx(load))
      console.log(JSON.stringify({ round, nowcast: perStream(ours), mediamtx: perStream(theirs) }))
    }
    const figures = totalFigures(ours, theirs)
    const table = [
      figureTable(figures),
      ...(ours.length > 0 ? [roleTable(ours)] : []),
      ...(more.includes('profile') ? [await profileNowcast(load)] : []),
    ].join('\n\n')
    const conditions = `medians of ${rounds} rounds of ${seconds} s; MediaMTX ${version ?? 'was not there'}`
    return keepResult('passthrough', '20 streams of 4 Mbps passed through', { figures, table }, conditions)
  } finally {
    dir.remove()
  }
}

const perStream = (rounds: readonly Usages[]) => {
  const last = rounds.at(-1)
  if (last === undefined) return undefined
  const { cpu, rssBytes, pssBytes } = totalOf(last)
  const part = (value: number, unit: number) => Number((value / unit / streams).toFixed(3))
  return { cpuPercent: part(cpu, 0.01), rssMb: part(rssBytes, megabyte), pssMb: part(pssBytes, megabyte) }
}

const perStreamOf = (rounds: readonly Usages[], pick: (usage: Usage) => number) =>
  rounds.map((usages) => pick(totalOf(usages)) / streams)

function totalFigures(ours: readonly Usages[], theirs: readonly Usages[]): Figure[] {
  const figures = (name: string, rounds: readonly Usages[], bounds: { memory?: number }): Figure[] => {
    // Figures of others only show that the machine is the same.
    const better = name === 'nowcast' ? ({ better: 'lower' } as const) : {}
    const atMost = bounds.memory === undefined ? {} : { atMost: bounds.memory }
    const of = (what: string, unit: string, pick: (usage: Usage) => number, more: typeof atMost = {}) =>
      repeated(`${name}: ${what} per stream`, unit, perStreamOf(rounds, pick), more)
    return [
      { ...of('CPU', '% of a core', ({ cpu }) => 100 * cpu), ...better },
      { ...of('RSS', 'MB', ({ rssBytes }) => rssBytes / megabyte, atMost), ...better },
      { ...of('PSS', 'MB', ({ pssBytes }) => pssBytes / megabyte, atMost), ...better },
    ]
  }
  if (theirs.length === 0) return figures('nowcast', ours, { memory: 30 })
  const ratios = ours.flatMap((usages, round) => {
    const beside = theirs[round]
    return beside ? [totalOf(usages).cpu / totalOf(beside).cpu] : []
  })
  return [
    ...figures('nowcast', ours, { memory: 30 }),
    ...figures('MediaMTX', theirs, {}),
    repeated('CPU, nowcast ÷ MediaMTX', '', ratios, { atMost: 1.25 }),
  ]
}

/** Returns a table of the usage per stream of each role or program of an instance. */
function roleTable(rounds: readonly Usages[]): string {
  const names = [...new Set(rounds.flatMap((usages) => [...usages.keys()]))]
  const rows = names.map((name) => {
    const of = (pick: (usage: Usage) => number, unit: number) => {
      const values = rounds.map((usages) => usages.get(name)).map((usage) => (usage ? pick(usage) : 0))
      return (median(values) / unit / streams).toFixed(3)
    }
    const cells = [
      of(({ cpu }) => cpu, 0.01),
      of((each) => each.rssBytes, megabyte),
      of((each) => each.pssBytes, megabyte),
    ]
    return `| ${name} | ${cells.join(' | ')} |`
  })
  const head = '| per stream | CPU, % of a core | RSS, MB | PSS, MB |'
  return [head, '| --- | --- | --- | --- |', ...rows].join('\n')
}
