import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** Returns what the figures depend on beside the architectures, as name and value. */
export function environment(): [name: string, value: string][] {
  const cores = cpus()
  return [
    ['processor', `${cores[0]?.model.trim()}, ${cores.length} cores`],
    ['memory', `${(totalmem() / 1e9).toFixed(1)} GB`],
    ['kernel', release()],
    ['virtualisation', output('systemd-detect-virt') || 'not known'],
    ['frequency governor', file('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') || 'not visible'],
    ['open files', output('sh', '-c', 'ulimit -n')],
    ['net.core.somaxconn', file('/proc/sys/net/core/somaxconn')],
    ['Node', `${process.version}, V8 ${process.versions.v8}`],
    ['nginx', output('nginx', '-v')],
    ['ffmpeg', output('ffmpeg', '-version').split('\n')[0] ?? ''],
    ['commit', output('git', 'describe', '--always', '--dirty')],
    ['clock', 'performance.now(), monotonic'],
  ]
}

/** Returns the output of a program, on stdout or stderr; empty when it cannot be run. */
function output(program: string, ...args: string[]): string {
  try {
    return execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', program, ...args], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

function file(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
