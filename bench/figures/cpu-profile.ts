/** The fields of a V8 CPU profile (`node --cpu-prof`) that are read here. */
export interface CpuProfile {
  nodes: readonly {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
  }[]
  /** Id of the node of each sample. */
  samples: readonly number[]
  /** Time between each sample and the one before, µs. */
  timeDeltas: readonly number[]
}

/** A function and its own time, without the functions that it calls. */
export interface ProfiledFunction {
  name: string
  /** Share of the busy time, 0..1. */
  share: number
}

/**
 * Returns the `count` functions with the most time of their own, and the share of the time in which the
 * process was busy, 0..1. It measures only the `seconds` before the last `skippedSeconds` of the profile.
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
    // The time of a delta belongs to the sample before it.
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
 * Returns the name of a function with the end of its path and its line, such as `read (rtmp/reader.ts:12)`;
 * without a path, only its name.
 */
function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  const path = url.split('/').slice(-2).join('/')
  return path === '' ? name : `${name} (${path}:${lineNumber + 1})`
}
