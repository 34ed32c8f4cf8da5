import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A limit on the CPU time that a group of processes uses together. */
export interface CoreShare {
  /** Puts a running process, with all its threads, into the group. Its later children belong to it too. */
  add(pid: number): void
  /** Removes the group. Its processes must have ended. */
  remove(): void
}

/**
 * Period in which the group may use its share, µs. A process that has used it waits for the next period, so
 * a short one adds little latency. The kernel's minimum is 1 ms.
 */
const periodUs = 5000

/** How version 1 and version 2 of control groups set the limit, see cgroups(7). */
const versions = [
  {
    root: '/sys/fs/cgroup/cpu',
    marker: 'cpu.cfs_quota_us',
    limit: (folder: string, quotaUs: number) => {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(periodUs))
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quotaUs))
    },
  },
  {
    root: '/sys/fs/cgroup',
    marker: 'cgroup.controllers',
    limit: (folder: string, quotaUs: number) =>
      writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${periodUs}`),
  },
]

let groups = 0

/**
 * Creates a group of processes that together use at most this share of one core, 0..1. Returns undefined
 * where control groups are not available or not ours to make: it takes root.
 */
export function createCoreShare(share: number): CoreShare | undefined {
  const version = versions.find(({ root, marker }) => existsSync(join(root, marker)))
  if (version === undefined) return undefined
  groups += 1
  const folder = join(version.root, `nowcast-bench-${process.pid}-${groups}`)
  try {
    mkdirSync(folder)
    version.limit(folder, Math.round(share * periodUs))
  } catch {
    if (existsSync(folder)) rmdirSync(folder)
    return undefined
  }
  return {
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    remove: () => rmdirSync(folder),
  }
}

/** Returns whether `createCoreShare` works here. */
export function canShareCore(): boolean {
  const attempt = createCoreShare(0.5)
  attempt?.remove()
  return attempt !== undefined
}
