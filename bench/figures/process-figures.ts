import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Clock ticks per second of the CPU times in /proc. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

/**
 * Returns the fields of /proc/PID/stat (proc(5)) from the state on, which has index 0; an empty list when the
 * process is gone.
 */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** Returns the sum of the times at these indexes of `statOf`, in seconds; 0 when the process is gone. */
function secondsOf(pid: number, fields: readonly number[]): number {
  const stat = statOf(pid)
  return fields.reduce((sum, field) => sum + Number(stat[field] ?? 0), 0) / ticksPerSecond
}

/** Returns the CPU time of a process so far, user and system, in seconds; 0 when it is gone. */
export const cpuSeconds = (pid: number) => secondsOf(pid, [11, 12])

/**
 * Returns the CPU time of the main thread of a process so far, in seconds; 0 when it is gone. In Node.js, the
 * event loop runs on this thread, and garbage collection and compression for the most part on others.
 */
export function mainThreadSeconds(pid: number): number {
  try {
    const [nanoseconds = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e9
  } catch {
    return 0
  }
}

/** Returns the CPU time of a process and of the children it has waited for, in seconds; 0 when it is gone. */
export const cpuSecondsWithChildren = (pid: number) => secondsOf(pid, [11, 12, 13, 14])

/** Returns the resident memory of a process, bytes; 0 when it is gone. */
export function residentBytes(pid: number): number {
  return Number(statOf(pid)[21] ?? 0) * pageBytes
}

/**
 * Returns the proportional memory of a process, bytes: a page that n processes share counts as 1/n. Returns 0
 * when the process is gone or may not be read.
 */
export function proportionalBytes(pid: number): number {
  try {
    const [, kilobytes = 0] =
      /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  } catch {
    return 0
  }
}

/** Measures the CPU usage of processes for `ms`. Returns one number per process; 1 is a whole core. */
export async function cpuShares(pids: readonly number[], ms: number): Promise<number[]> {
  const before = pids.map(cpuSeconds)
  const start = performance.now()
  await new Promise((resolve) => setTimeout(resolve, ms))
  const seconds = (performance.now() - start) / 1000
  return pids.map((pid, i) => Math.max(0, cpuSeconds(pid) - (before[i] ?? 0)) / seconds)
}
