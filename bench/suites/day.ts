import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { dayEvents } from '../../test/kit/day/day-source.ts'
import type { PlaylistFindings } from '../../test/kit/day/playlist-watch.ts'
import { simulate } from '../../test/kit/day/simulation.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { keepResult } from '../figures/result-file.ts'
import type { Figure } from '../figures/table.ts'

/** Minimum speed, in simulated seconds per second. */
const minSpeed = 50

/**
 * Sends a session of many hours through the code of ingest and packager, in this process and without waiting.
 * The source has wraps and steps of its timestamps, pauses and losses. Checks the playlists, and the memory
 * after each hour. Arguments: hours (24), seed (1).
 *
 * @throws Error when the session ends early
 */
export async function day([hours = '24', seed = '1']: string[]): Promise<SuiteResult> {
  const collect = garbageCollector()
  const heaps: number[] = []
  const seconds = Number(hours) * 3600
  const startedAt = performance.now()
  const onHour = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    heaps.push((heapUsed + external) / 2 ** 20)
  }
  const events = dayEvents(seconds)
  const { epochs, backwards, ended, renditions } = await simulate({
    seconds,
    events,
    seed: Number(seed),
    onHour,
  })
  if (ended !== undefined) throw new Error(`the session ended: ${ended}`)
  const took = (performance.now() - startedAt) / 1000
  const [first = Number.NaN] = heaps
  const figures: Figure[] = [
    { name: 'duration', value: Math.round(took), unit: 's', atMost: seconds / minSpeed },
    { name: 'epochs', value: epochs, unit: '' },
    { name: 'media times that do not rise', value: backwards, unit: '', atMost: 0 },
    ...[...renditions].flatMap(([name, findings]) => findingFigures(name, findings)),
    {
      name: 'memory, change after the first hour',
      detail: `${Math.round(first)} MB then`,
      value: 100 * Math.max(...heaps.map((mb) => Math.abs(mb / first - 1))),
      unit: '%',
      atMost: 10,
    },
  ]
  return keepResult(
    'day',
    'A day in fast motion',
    { figures },
    `${hours} hours, ${events.length} events, seed ${seed}`,
  )
}

function findingFigures(name: string, findings: PlaylistFindings): Figure[] {
  const of = (what: string, value: number, unit: string, atMost?: number): Figure => ({
    name: `${name}: ${what}`,
    value,
    unit,
    ...(atMost === undefined ? {} : { atMost }),
  })
  return [
    of('segments', findings.segments, ''),
    of('missing media sequence numbers', findings.missing, '', 0),
    of('discontinuities', findings.discontinuities, ''),
    of('discontinuities within an epoch', findings.discontinuitiesInside, '', 0),
    of('gaps', findings.gaps, '', 0),
    of('largest step between dates', findings.dateStepMs, 'ms', 1.5),
    of('largest error of a date', findings.dateErrorMs, 'ms', 1000),
    of('longest part, in part targets', findings.longestPart, '', 1),
    of('longest segment, in target durations', findings.longestSegment, '', 1),
  ]
}

/** Returns a function that collects all garbage. After it, the heap has only memory that is in use. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
