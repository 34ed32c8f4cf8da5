import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Clock ticks per second of the CPU times in /proc. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

/**
 * Returns the fields of /proc/PID/stat from the state on. The name before it may contain spaces and
 * parentheses. Empty when the process is gone.
 */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** Returns the CPU time of a process so far, user and system, in seconds; 0 when the process is gone. */
export function cpuSeconds(pid: number): number {
  const stat = statOf(pid)
  return (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / ticksPerSecond
}

/** Returns the resident memory of a process in bytes; 0 when the process is gone. */
export function residentBytes(pid: number): number {
  return Number(statOf(pid)[21] ?? 0) * pageBytes
}

/** Measures CPU for `ms`. Returns one number for each of `pids`, in which 1 is a whole core. */
export async function cpuShares(pids: readonly number[], ms: number): Promise<number[]> {
  const before = pids.map(cpuSeconds)
  const start = performance.now()
  await new Promise((resolve) => setTimeout(resolve, ms))
  const seconds = (performance.now() - start) / 1000
  return pids.map((pid, i) => Math.max(0, cpuSeconds(pid) - (before[i] ?? 0)) / seconds)
}
