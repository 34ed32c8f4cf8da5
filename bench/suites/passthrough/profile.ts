import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { busiestFunctions, type CpuProfile } from '../../figures/cpu-profile.ts'
import { type Load, startLoadedNowcast } from './contenders.ts'

const roles = ['ingest', 'transcoder'] as const
const listed = 25

/** Returns a table of the busiest functions of ingest, and one of those of the transcoder, under a load. */
export async function profileNowcast(load: Load): Promise<string> {
  const dir = makeTempDir()
  const folder = join(dir.path, 'profiles')
  mkdirSync(folder)
  try {
    const options = `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${folder}`
    const { whole, stop } = await startLoadedNowcast(load, { NODE_OPTIONS: options })
    const pids = new Map(roles.map((role) => [role, whole.rolePids(role)[0] ?? -1]))
    await delay(load.measureMs)
    const measuredUntil = performance.now()
    await stop()
    const skippedSeconds = (performance.now() - measuredUntil) / 1000
    return [...pids]
      .map(([role, pid]) => profileTable(role, profileOf(folder, pid), { ...load, skippedSeconds }))
      .join('\n\n')
  } finally {
    dir.remove()
  }
}

function profileOf(folder: string, pid: number): CpuProfile {
  const name = readdirSync(folder).find((each) => each.includes(`.${pid}.`))
  if (name === undefined) throw new Error(`process ${pid} left no profile`)
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile
}

function profileTable(
  role: string,
  profile: CpuProfile,
  { measureMs, skippedSeconds }: Load & { skippedSeconds: number },
): string {
  const { functions, busy } = busiestFunctions(profile, {
    seconds: measureMs / 1000,
    skippedSeconds,
    count: listed,
  })
  const rows = functions.map(({ name, share }) => `| ${name} | ${(100 * share).toFixed(1)} |`)
  const head = `| ${role}, busy ${(100 * busy).toFixed(1)} % of a core | % of that |`
  return [head, '| --- | --- |', ...rows].join('\n')
}
