import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { NowcastError } from '../../../core/process/errors.ts'
import { cpuSeconds } from '../../figures/process-figures.ts'
import type { Contender } from './contenders.ts'

const run = promisify(execFile)

export interface LoadResult {
  perSecond: number
  /** 99th percentile of the latency, ms. */
  p99: number
  /** CPU time of the server per request, µs. */
  cpuPerRequest: number
  /** CPU time of the server per GB of bodies, s. */
  cpuPerGb: number
}

const msOf: Record<string, number> = { us: 0.001, ms: 1, s: 1000 }

/**
 * Runs wrk on core 1 against one target.
 * @throws Error when wrk reports error responses, failed connections or no requests
 */
export async function wrk(
  { url, pid }: Contender,
  target: string,
  bodyBytes: number,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<LoadResult> {
  const before = cpuSeconds(pid)
  const { stdout } = await run('taskset', [
    ...['-c', '1', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '--latency'],
    url + target,
  ])
  const cpu = cpuSeconds(pid) - before
  const [, p99 = 'NaN', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? []
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  if (/Non-2xx|Socket errors/.test(stdout) || !(requests > 0))
    throw new Error(`wrk was not served well:\n${stdout}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99: Number(p99) * (msOf[unit] ?? Number.NaN),
    cpuPerRequest: (cpu / requests) * 1e6,
    cpuPerGb: cpu / ((requests * bodyBytes) / 1e9),
  }
}

/** @throws NowcastError `bad_settings` when wrk, nginx or taskset is not installed */
export async function requirePrograms(): Promise<void> {
  for (const [program, args] of [
    ['wrk', ['-v']],
    ['nginx', ['-v']],
    ['taskset', ['-V']],
  ] as const) {
    const missing = await run(program, args).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
    if (missing)
      throw new NowcastError(
        'bad_settings',
        `${program} is missing; Debian: apt-get install wrk nginx-light util-linux`,
      )
  }
}
