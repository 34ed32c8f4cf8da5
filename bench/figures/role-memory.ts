import { setTimeout as delay } from 'node:timers/promises'
import type { Whole } from '../../test/kit/whole.ts'
import { residentBytes } from './process-figures.ts'
import type { Figure } from './table.ts'

const roles = ['ingest', 'transcoder', 'edge', 'manager'] as const
const sampleMs = 5000
/** Time from the first sample until memory is compared, ms. Until then caches fill. */
const warmMs = 180_000

interface MemorySample {
  at: number
  bytes: number
}

/** Resident memory over time, by name of the role. The processes of a role are added up. */
export type RoleMemory = ReadonlyMap<string, MemorySample[]>

/** Samples the resident memory of all roles until `signal` aborts. */
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
 * Returns the largest change of each role's memory, in percent. It compares the mean of each minute with that
 * of the first minute after `warmMs`. A role without samples after `warmMs` has no figure.
 */
export function memoryFigures(samples: RoleMemory): Figure[] {
  return roles.flatMap((role) => {
    const warm = (samples.get(role) ?? []).filter(({ at }) => at >= warmMs)
    const minutes = [...Map.groupBy(warm, ({ at }) => Math.floor(at / 60_000)).values()].map(
      (minute) => minute.reduce((sum, { bytes }) => sum + bytes, 0) / minute.length,
    )
    const [first] = minutes
    if (first === undefined) return []
    const growth = Math.max(...minutes.map((bytes) => Math.abs(bytes / first - 1))) * 100
    const last = (minutes.at(-1) ?? first) / first - 1
    const name = `RSS of ${role}, change after 3 min (${Math.round(first / 2 ** 20)} MB then, ${signed(last)} in the end)`
    return [{ name, value: growth, unit: '%', atMost: 10 }]
  })
}

const signed = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`
