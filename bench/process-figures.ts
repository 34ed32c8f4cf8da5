import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second of the CPU times in /proc. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

/** The fields of /proc/PID/stat after the name, state first; undefined when the process is gone. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** CPU seconds that a process has used so far, user and system; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  const stat = statOf(pid)
  return stat ? (Number(stat[11]) + Number(stat[12])) / ticksPerSecond : 0
}

/** Resident memory of a process, bytes; 0 when it is gone. */
export function residentBytes(pid: number): number {
  return Number(statOf(pid)?.[21] ?? 0) * pageBytes
}

/** The processes below `root`, at any depth, with their command lines. */
export function descendants(root: number): { pid: number; parent: number; command: string }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const parent = statOf(pid)?.[1]
      return parent === undefined ? [] : [{ pid, parent: Number(parent), command: commandOf(pid) }]
    })
  const found = new Set([root])
  for (let grown = true; grown; ) {
    grown = false
    for (const { pid, parent } of all)
      if (found.has(parent) && !found.has(pid)) {
        found.add(pid)
        grown = true
      }
  }
  return all.filter(({ pid }) => pid !== root && found.has(pid))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}
