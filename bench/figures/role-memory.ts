import { setTimeout as delay } from 'node:timers/promises'
import type { Whole } from '../../test/kit/whole.ts'
import { residentBytes } from './process-figures.ts'
import { mean } from './statistics.ts'
import type { Figure } from './table.ts'

const roles = ['ingest', 'transcoder', 'edge', 'manager'] as const
const sampleMs = 5000
/** Time after which memory is compared, ms. Until then caches fill. */
const warmMs = 180_000

interface MemorySample {
  at: number
  bytes: number
}

/** Samples of the resident memory, by role. Their times are ms since sampling began. */
export type RoleMemory = ReadonlyMap<string, MemorySample[]>

/** Samples the resident memory of all roles every 5 s until `signal` aborts. */
export async function sampleRoleMemory(whole: Whole, signal: AbortSignal): Promise<RoleMemory> {
  const samples = new Map<string, MemorySample[]>(roles.map((role) => [role, []]))
  const start = Date.now()
  while (!signal.aborted) {
    for (const role of roles) {
      const bytes = whole.rolePids(role).reduce((total, pid) => total + residentBytes(pid), 0)
      samples.get(role)?.push({ at: Date.now() - start, bytes })
    }
    await delay(sampleMs, undefined, { signal }).catch(() => {})
  }
  return samples
}

/**
 * Returns for each role the largest change of its memory, in percent. The mean of each minute is compared
 * with that of the first minute after `warmMs`. The detail of each figure has the memory over the whole time.
 * A role without samples after `warmMs` has no figure.
 */
export function memoryFigures(samples: RoleMemory): Figure[] {
  return roles.flatMap((role) => {
    const byMinute = Map.groupBy(samples.get(role) ?? [], ({ at }) => Math.floor(at / 60_000))
    const minutes = [...byMinute.values()].map((minute) => mean(minute.map(({ bytes }) => bytes)))
    const warm = minutes.slice(warmMs / 60_000)
    const [first] = warm
    if (first === undefined) return []
    const growth = Math.max(...warm.map((bytes) => Math.abs(bytes / first - 1))) * 100
    return [
      {
        name: `RSS of ${role}, change after ${warmMs / 60_000} min`,
        detail: courseOf(minutes),
        value: growth,
        unit: '%',
        atMost: 10,
      },
    ]
  })
}

/** Merges the means of minutes into at most ten means of longer periods. Formats them in MB (2^20 bytes). */
function courseOf(minutes: readonly number[]): string {
  const tenth = Math.max(1, Math.ceil(minutes.length / 10))
  const means: number[] = []
  for (let at = 0; at < minutes.length; at += tenth) {
    means.push(mean(minutes.slice(at, at + tenth)))
  }
  return `${means.map((bytes) => Math.round(bytes / 2 ** 20)).join(', ')} MB`
}
