import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Clock ticks per second of the CPU times in /proc. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

/** Returns the fields of /proc/PID/stat after the name, state first; none when the process is gone. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** Returns the CPU time of a process so far, user and system, s; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  const stat = statOf(pid)
  return (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / ticksPerSecond
}

/** Returns the resident memory of a process, bytes; 0 when it is gone. */
export function residentBytes(pid: number): number {
  return Number(statOf(pid)[21] ?? 0) * pageBytes
}

/** Measures for `ms` which share of one core each process uses. */
export async function cpuShares(pids: readonly number[], ms: number): Promise<number[]> {
  const before = pids.map(cpuSeconds)
  const start = performance.now()
  await new Promise((resolve) => setTimeout(resolve, ms))
  const seconds = (performance.now() - start) / 1000
  return pids.map((pid, i) => Math.max(0, cpuSeconds(pid) - (before[i] ?? 0)) / seconds)
}
