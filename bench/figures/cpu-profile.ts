/** The fields of a V8 CPU profile (`node --cpu-prof`) that this file reads. */
export interface CpuProfile {
  nodes: readonly {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
  }[]
  /** For each sample, the id of its node. */
  samples: readonly number[]
  /** Time between each sample and the one before, µs. The first one counts from the start of the profile. */
  timeDeltas: readonly number[]
}

/** A function in a profile. The time of the functions that it calls does not count. */
export interface ProfiledFunction {
  name: string
  /** Share of the process's busy time, 0..1. */
  share: number
}

/**
 * Returns the `count` functions with the most time of their own, and the share of the time in which the
 * process was busy, 0..1. Counts only the `seconds` that end `skippedSeconds` before the end of the profile.
 */
export function busiestFunctions(
  { nodes, samples, timeDeltas }: CpuProfile,
  { seconds, skippedSeconds, count }: { seconds: number; skippedSeconds: number; count: number },
): { functions: ProfiledFunction[]; busy: number } {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const endUs = timeDeltas.reduce((sum, delta) => sum + delta, 0) - skippedSeconds * 1e6
  const times = new Map<string, number>()
  let atUs = 0
  let totalUs = 0
  timeDeltas.forEach((delta, i) => {
    atUs += delta
    if (atUs > endUs || atUs <= endUs - seconds * 1e6) return
    totalUs += delta
    // A delta is the time since the previous sample, and the function of that sample ran in it.
    const name = names.get(samples[i - 1] ?? 0) ?? ''
    if (name !== '(idle)') times.set(name, (times.get(name) ?? 0) + delta)
  })
  const busyUs = [...times.values()].reduce((sum, time) => sum + time, 0)
  const functions = [...times]
    .map(([name, time]) => ({ name, share: time / busyUs }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count)
  return { functions, busy: busyUs / totalUs }
}

/**
 * Returns the name of a function. If it has a URL, the last two parts of the path and the line follow, such
 * as `read (rtmp/reader.ts:12)`.
 */
function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  const path = url.split('/').slice(-2).join('/')
  return path === '' ? name : `${name} (${path}:${lineNumber + 1})`
}
