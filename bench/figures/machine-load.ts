import { readFileSync } from 'node:fs'

/**
 * Starts a measurement. The returned function returns the share of all cores' time that was used since, 0..1;
 * NaN without /proc.
 */
export function machineLoad(): () => number {
  const before = cpuTimes()
  return () => {
    const now = cpuTimes()
    return (now.used - before.used) / (now.total - before.total)
  }
}

/**
 * Starts a measurement. The returned function returns the share of all cores' time that the host of this
 * virtual machine used for other machines since, 0..1; NaN without /proc.
 */
export function stolenShare(): () => number {
  const before = cpuTimes()
  return () => {
    const now = cpuTimes()
    return (now.stolen - before.stolen) / (now.total - before.total)
  }
}

/** Returns the times of all cores together, in ticks (`cpu` in /proc/stat, proc(5)); NaN without /proc. */
function cpuTimes(): { used: number; total: number; stolen: number } {
  try {
    const [, ...fields] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/)
    // Guest time, fields 9 and 10, is already part of user time.
    const times = fields.slice(0, 8).map(Number)
    const total = times.reduce((sum, time) => sum + time, 0)
    const [, , , idle = 0, waiting = 0, , , stolen = 0] = times
    return { used: total - idle - waiting, total, stolen }
  } catch {
    return { used: Number.NaN, total: Number.NaN, stolen: Number.NaN }
  }
}
