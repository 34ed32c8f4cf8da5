import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

const clockSource = '/sys/devices/system/clocksource/clocksource0/current_clocksource'
const sysctls = [
  ...['net.core.somaxconn', 'net.core.rmem_max', 'net.core.wmem_max', 'net.ipv4.tcp_max_syn_backlog'],
  ...['net.ipv4.tcp_congestion_control', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_tw_reuse'],
  ...['net.ipv4.tcp_notsent_lowat', 'fs.file-max'],
]
const programs = [
  ['nginx', '-v'],
  ['ffmpeg', '-version'],
  ['redis-server', '--version'],
] as const

/** Returns what the figures depend on beside the architectures, as name and value. */
export function environment(): [name: string, value: string][] {
  const cores = cpus()
  return [
    ['processor', `${cores[0]?.model.trim()}, ${cores.length} cores`],
    ['memory', `${(totalmem() / 1e9).toFixed(1)} GB`],
    ['kernel', release()],
    ['virtualisation', output('systemd-detect-virt') || 'not known'],
    ['turbo', turbo()],
    ['frequency governor', file('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') || 'not visible'],
    ['open files', output('sh', '-c', 'ulimit -n')],
    ...sysctls.map((name): [string, string] => [name, file(`/proc/sys/${name.replaceAll('.', '/')}`)]),
    ['Node', `${process.version}, V8 ${process.versions.v8}`],
    ...programs.map(([name, flag]): [string, string] => [name, versionOf(name, flag)]),
    ['commit', output('git', 'describe', '--always', '--dirty')],
    ['clock', `performance.now(), monotonic; ${file(clockSource)}`],
  ]
}

/** Returns the version of a program, and the begin of the SHA-256 of its file. */
function versionOf(program: string, flag: string): string {
  const path = output('which', program)
  if (path === '') return 'not installed'
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
  return `${output(program, flag).split('\n')[0]}; sha256 ${hash}`
}

function turbo(): string {
  const off = file('/sys/devices/system/cpu/intel_pstate/no_turbo')
  const boost = file('/sys/devices/system/cpu/cpufreq/boost')
  if (off === '' && boost === '') return 'not visible'
  return off === '0' || boost === '1' ? 'on' : 'off'
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
