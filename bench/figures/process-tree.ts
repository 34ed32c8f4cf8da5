import { setTimeout as delay } from 'node:timers/promises'
import { descendantsOf, type ListedProcess } from '../../test/kit/process-table.ts'
import { cpuSecondsWithChildren, proportionalBytes, residentBytes } from './process-figures.ts'

/** Usage of one or several processes during a measurement. */
export interface Usage {
  /** CPU time per second; 1 is a whole core. */
  cpu: number
  /** Mean of the resident memory, bytes. A page that several processes share counts for each of them. */
  rssBytes: number
  /** Mean of the proportional memory, bytes. A page that several processes share is divided among them. */
  pssBytes: number
}

const memorySamples = 4

/** Returns the name under which `measureTree` counts a process: its role, otherwise its program. */
function programOf({ command }: Pick<ListedProcess, 'command'>): string {
  const [, role] = /(\w+)\/main\.ts/.exec(command) ?? []
  if (role !== undefined) return role === 'infra' ? 'supervisor' : role
  return /^\S*?([^\s/]+)(\s|$)/.exec(command)?.[1] ?? command
}

/** Measures a process and all its descendants for `ms`. Returns one usage per role or program. */
export async function measureTree(root: ListedProcess, ms: number): Promise<Map<string, Usage>> {
  const list = () => [root, ...descendantsOf(root.pid)]
  const before = new Map(list().map(({ pid }) => [pid, cpuSecondsWithChildren(pid)]))
  const start = performance.now()
  const usages = new Map<string, Usage>()
  const usageOf = (each: ListedProcess) => {
    const name = programOf(each)
    const known = usages.get(name) ?? { cpu: 0, rssBytes: 0, pssBytes: 0 }
    usages.set(name, known)
    return known
  }
  for (let sample = 1; sample <= memorySamples; sample++) {
    await delay(start + (ms * sample) / memorySamples - performance.now())
    for (const each of list()) {
      const usage = usageOf(each)
      usage.rssBytes += residentBytes(each.pid) / memorySamples
      usage.pssBytes += proportionalBytes(each.pid) / memorySamples
    }
  }
  const seconds = (performance.now() - start) / 1000
  for (const each of list())
    usageOf(each).cpu += (cpuSecondsWithChildren(each.pid) - (before.get(each.pid) ?? 0)) / seconds
  return usages
}

/**
 * Returns the sum over all roles and programs. Its `rssBytes` counts a shared page several times, `pssBytes`
 * once.
 */
export function totalOf(usages: ReadonlyMap<string, Usage>): Usage {
  const total = { cpu: 0, rssBytes: 0, pssBytes: 0 }
  for (const { cpu, rssBytes, pssBytes } of usages.values()) {
    total.cpu += cpu
    total.rssBytes += rssBytes
    total.pssBytes += pssBytes
  }
  return total
}
