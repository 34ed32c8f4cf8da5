import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { NowcastError } from '../../../core/process/errors.ts'
import type { Shape } from './shapes.ts'

/** Arrivals after the start of the curve. `share` is that of the viewers at the peak. */
type Arrivals = Shape & {
  share: number
  /** A share of these viewers stays for a number of seconds only. */
  visit?: { share: number; seconds: number }
}

/** The share of the viewers present at `from` that leaves, and when. */
type Departures = Shape & { share: number }

/**
 * What happens to all viewers at once. `pause`: the publisher sends nothing for `ms`. `outage`: the origin
 * loses all connections and accepts none for `ms`. `switch`: all viewers change the variant within `ms`.
 */
export interface CurveEvent {
  at: number
  kind: 'pause' | 'outage' | 'switch'
  ms: number
}

/** An arrival curve. Times are seconds after its start, shares are those of the viewers at the peak. */
export interface Curve {
  name: string
  about: string
  /** Where its numbers come from. */
  basis: string
  /** How long it is observed. */
  seconds: number
  /** Share of the viewers who watch before it begins. */
  insiders: number
  arrivals: readonly Arrivals[]
  departures: readonly Departures[]
  events: readonly CurveEvent[]
}

const folder = import.meta.dirname

/** Returns the names of the curves that are part of nowcast. */
export const curveNames = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))

/**
 * Reads a curve of nowcast by its name, or any CSV file with lines `seconds,viewers`. Viewers are counted
 * relative to the largest number.
 * @throws NowcastError `bad_settings` when there is no such curve, or the file has fewer than two points
 */
export function readCurve(name: string): Curve {
  if (name.endsWith('.csv')) return curveOfCsv(basename(name, '.csv'), readText(name))
  if (!curveNames().includes(name))
    throw new NowcastError(
      'bad_settings',
      `there is no curve "${name}": use a CSV file, or ${curveNames().join(', ')}`,
    )
  const { viewers, ...curve } = JSON.parse(readText(join(folder, `${name}.json`)))
  if (viewers !== undefined) Object.assign(curve, followPoints(viewers))
  return { arrivals: [], departures: [], events: [], name, ...curve }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new NowcastError('bad_settings', `cannot read ${path}: ${(error as Error).message}`)
  }
}

/**
 * Reads a curve from CSV: `seconds,viewers` in each line. Lines that begin with something else are ignored.
 * @throws NowcastError `bad_settings` when it has fewer than two points, or times that do not rise
 */
export function curveOfCsv(name: string, text: string): Curve {
  const points = text.split('\n').flatMap((line): Point[] => {
    const [at, viewers] = line.split(',').map((field) => Number.parseFloat(field))
    return at === undefined || viewers === undefined || Number.isNaN(at + viewers) ? [] : [[at, viewers]]
  })
  const peak = Math.max(...points.map(([, viewers]) => viewers))
  const rises = points.every(([at], index) => index === 0 || at > (points[index - 1]?.[0] ?? 0))
  if (points.length < 2 || !rises || !(peak > 0) || points.some(([, viewers]) => viewers < 0))
    throw new NowcastError(
      'bad_settings',
      `${name}.csv must have lines "seconds,viewers" with times that rise`,
    )
  const [first = 0] = points[0] ?? []
  const followed = followPoints(points.map(([at, viewers]): Point => [at - first, viewers / peak]))
  return { name, about: `the file ${name}.csv`, basis: 'measured elsewhere', events: [], ...followed }
}

type Point = readonly [at: number, share: number]

/** Returns arrivals and departures with which the share of present viewers goes from point to point. */
function followPoints(
  points: readonly Point[],
): Pick<Curve, 'seconds' | 'insiders' | 'arrivals' | 'departures'> {
  const steps = points.slice(1).map(([to, after], index) => {
    const [from, before] = points[index] ?? [0, 0]
    return { before, change: after - before, spread: { shape: 'even', from, seconds: to - from } as const }
  })
  return {
    seconds: points.at(-1)?.[0] ?? 0,
    insiders: points[0]?.[1] ?? 0,
    arrivals: steps
      .filter(({ change }) => change > 0)
      .map(({ change, spread }) => ({ ...spread, share: change })),
    departures: steps
      .filter(({ change }) => change < 0)
      .map(({ before, change, spread }) => ({ ...spread, share: -change / before })),
  }
}
