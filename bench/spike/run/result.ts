import { median, quantile } from '../../figures/statistics.ts'
import { maxStolen } from '../../figures/undisturbed.ts'
import type { Architecture } from '../architectures/architecture.ts'
import { deviation, type Plan } from '../curves/plan.ts'
import type { Crowd, CrowdMember } from './crowd.ts'
import type { LatenessSummary } from './lateness.ts'
import type { Sample } from './samples.ts'
import type { GeneratorFigures, Measured } from './watch.ts'

/** What must hold for a crowd to count as served. */
export const limits = { rebuffering: 0.005, joinP95Ms: 2000 }
/** Largest deviation of the arrivals from the plan with which a run counts. */
const maxDeviation = 0.02
/** Shares of its core from which on the generator limits the viewers: on the whole, and in any second. */
const maxGeneratorCpu = 0.9
const maxGeneratorPeak = 0.95
/** Delay of the generator's event loop with which a run counts, if the generator did not cause it, ms. */
const maxLagMs = 200
/** Time that a newcomer needs to count, ms. A later one counts only with a picture. */
const graceMs = 3000
/** Share of the present viewers who must play for a crowd to be well. */
const wellShare = 0.99

/** How a group of viewers fared. Times are ms. */
interface GroupResult {
  count: number
  /** Those who have not joined count as infinitely late. NaN for insiders. */
  joinP50: number
  joinP95: number
  joinP99: number
  /** Viewers without a picture, at the end or when they left. */
  failed: number
  /** Viewers who were asked to come later. */
  refused: number
  impatient: number
  rebuffering: number
  withStall: number
  worstStallMs: number
  latencyP50: number
  latencyP95: number
  losses: number
}

export interface RunResult {
  architecture: string
  curve: string
  seed: number
  /** Number of viewers at the peak. Fewer may be there at once, and more may come in all. */
  viewers: number
  insiders: GroupResult
  newcomers: GroupResult
  /** Largest deviation of the arrivals from the plan, 0..1, and the times of both, ms. */
  deviation: number
  arrivedMs: readonly number[]
  joinsMs: readonly number[]
  samples: readonly Sample[]
  errors: Record<string, number>
  faults: Record<string, number>
  drops: number
  /** Time from the start of the curve until 99 % of those present play for good, s; Infinity when never. */
  wellAfter: number
  perSecond: { requests: number; mbit: number; originRequests: number; originMbit: number }
  /** How late viewers received new versions of playlists. */
  lateness: LatenessSummary
  /** Stalls of each viewer who had any. */
  stallsOf: readonly { isInsider: boolean; stalls: number; stalledMs: number }[]
  /** Change of the insiders' latency from the first to the last quarter of the run, ms. */
  latencyDriftMs: number
  originPerVersion: number
  originMost: number
  cpuPerViewerHour: number
  cpuPerGb: number
  memoryPer1000: number
  cpu: Measured['cpu']
  serverCpu: number
  generator: Measured['generator']
  others: number
  stolen: number
  /** Whether it counts, and if not, why. */
  isVoid: string | undefined
  /** Whether the generator was at its limit, so that the servers may have had more to offer. */
  isGeneratorLimited: boolean
  isServed: boolean
}

interface Observed extends Measured {
  architecture: Architecture
  plan: Plan
  crowd: Crowd
}

export function summarise(observed: Observed): RunResult {
  const { architecture, plan, crowd, samples, seconds, requests, bytes, cpu, origin, generator } = observed
  const { members } = crowd
  const arrivedMs = members.map((each) => each.arrivedMs)
  const off = deviation(plan, arrivedMs)
  const insiders = groupOf(observed, 'insiders')
  const newcomers = groupOf(observed, 'newcomers')
  const viewerSeconds = samples.reduce((sum, each) => sum + each.insiders.present + each.newcomers.present, 0)
  const serverSeconds = cpu.reduce((sum, each) => sum + each.seconds, 0)
  // What the servers need without viewers is no memory of viewers.
  const memoryBytes = cpu.reduce((sum, each) => sum + each.memoryBytes - each.emptyBytes, 0)
  const present = samples.at(-1)
  const presentAtEnd = (present?.insiders.present ?? 0) + (present?.newcomers.present ?? 0)
  return {
    architecture: architecture.id,
    curve: plan.curve,
    seed: plan.seed,
    viewers: plan.peak,
    ...{ insiders, newcomers, deviation: off, arrivedMs, samples },
    joinsMs: members
      .filter(({ isInsider }) => !isInsider)
      .map(({ viewer }) => viewer.figures.joinMs ?? Number.POSITIVE_INFINITY),
    errors: Object.fromEntries(crowd.errors),
    faults: countsOf(members, ({ viewer }) => viewer.figures.faults),
    drops: members.reduce((sum, { viewer }) => sum + viewer.figures.drops, 0),
    wellAfter: wellAfter(samples),
    perSecond: {
      requests: requests / seconds,
      mbit: (bytes * 8) / 1e6 / seconds,
      originRequests: origin.requests / seconds,
      originMbit: (origin.bytes * 8) / 1e6 / seconds,
    },
    lateness: crowd.lateness.summary(),
    stallsOf: members
      .filter(({ viewer }) => viewer.figures.stalls > 0)
      .map(({ viewer: { figures }, isInsider }) => ({
        isInsider,
        stalls: figures.stalls,
        stalledMs: figures.stalledMs,
      })),
    latencyDriftMs: latencyDrift(samples),
    originPerVersion: origin.versioned / origin.versions,
    originMost: origin.most,
    cpuPerViewerHour: (3600 * serverSeconds) / viewerSeconds,
    cpuPerGb: serverSeconds / (bytes / 1e9),
    memoryPer1000: (1000 * memoryBytes) / presentAtEnd,
    ...{
      cpu,
      generator,
      others: observed.others,
      stolen: observed.stolen,
      serverCpu: serverSeconds / seconds,
    },
    isVoid: voidReason(off, observed),
    isGeneratorLimited: isGeneratorFull(generator),
    isServed:
      insiders.rebuffering <= limits.rebuffering &&
      (newcomers.count === 0 || newcomers.joinP95 <= limits.joinP95Ms),
  }
}

/** Whether the generator was at its limit, at least for a second. */
export const isGeneratorFull = ({ cpu, peakCpu }: Pick<GeneratorFigures, 'cpu' | 'peakCpu'>): boolean =>
  cpu > maxGeneratorCpu || peakCpu > maxGeneratorPeak

/** Returns why a run does not count. `off`: deviation of the arrivals. */
export function voidReason(
  off: number,
  { generator, stolen }: Pick<Measured, 'generator' | 'stolen'>,
): string | undefined {
  const { lagP99Ms } = generator
  if (off > maxDeviation) return `arrivals were ${(100 * off).toFixed(1)} % of the crowd off the plan`
  if (lagP99Ms > maxLagMs && !isGeneratorFull(generator))
    return `other programs held the generator for ${lagP99Ms.toFixed(0)} ms`
  if (stolen > maxStolen) return `the host took ${(100 * stolen).toFixed(1)} % of the machine`
  return undefined
}

function groupOf({ crowd, plan, times, latencies }: Observed, group: 'insiders' | 'newcomers'): GroupResult {
  const isInsider = group === 'insiders'
  const members = crowd.members.filter(
    (each) =>
      each.isInsider === isInsider &&
      (each.viewer.figures.joinMs !== undefined || each.arrivedMs <= plan.lengthMs - graceMs),
  )
  const figures = members.map(({ viewer }) => viewer.figures)
  const joins = isInsider ? [] : figures.map(({ joinMs = Number.POSITIVE_INFINITY }) => joinMs)
  const { playing, stalled } = times[group]
  const failed = figures.filter(({ joinMs }) => joinMs === undefined)
  return {
    count: members.length,
    joinP50: quantile(joins, 0.5),
    joinP95: quantile(joins, 0.95),
    joinP99: quantile(joins, 0.99),
    failed: failed.length,
    refused: figures.filter(({ refusals }) => refusals > 0).length,
    impatient: figures.filter(({ leaveReason }) => leaveReason === 'impatient').length,
    rebuffering: playing + stalled === 0 ? 0 : stalled / (playing + stalled),
    withStall: figures.filter(({ stalls }) => stalls > 0).length / Math.max(1, members.length),
    worstStallMs: Math.max(0, ...figures.map(({ stalledMs }) => stalledMs)),
    latencyP50: quantile(latencies[group], 0.5),
    latencyP95: quantile(latencies[group], 0.95),
    losses: figures.reduce((sum, { losses }) => sum + losses, 0),
  }
}

function latencyDrift(samples: readonly Sample[]): number {
  const latencies = samples.map(({ latencyMs }) => latencyMs).filter(Number.isFinite)
  const quarter = Math.ceil(latencies.length / 4)
  return median(latencies.slice(-quarter)) - median(latencies.slice(0, quarter))
}

/** Returns the time after which enough viewers play in all further samples. */
function wellAfter(samples: readonly Sample[]): number {
  const isWell = ({ insiders, newcomers }: Sample) =>
    insiders.playing + newcomers.playing >= wellShare * (insiders.present + newcomers.present)
  const last = samples.findLastIndex((sample) => !isWell(sample))
  if (last < 0) return 0
  return last === samples.length - 1 ? Number.POSITIVE_INFINITY : (samples[last + 1]?.at ?? Number.NaN)
}

function countsOf<Key extends string>(
  members: readonly CrowdMember[],
  of: (member: CrowdMember) => ReadonlyMap<Key, number>,
): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const member of members) for (const [key, count] of of(member)) sums[key] = (sums[key] ?? 0) + count
  return sums
}
