import { writeResult } from '../../figures/result-file.ts'
import { leaveCore0ToServer } from '../../stand/edge-process.ts'
import { ceilingBy, type Mode, maxUsedCore, type NullStep, startNullCrowd } from './null-crowd.ts'

/** Viewers per step, and the number at which the measurement ends. */
const steps: Record<Mode, { viewers: number; most: number }> = {
  'low-latency': { viewers: 500, most: 4000 },
  classic: { viewers: 2500, most: 10_000 },
}
/** Length of a part of video of 320 ms, bytes: 200 kbit/s. */
const partBytes = 8000

/**
 * Measures how many simulated viewers one core bears against a server that does nothing but respond.
 * Arguments: low-latency|classic (both), seconds of each step (6).
 */
export async function viewerCeiling([mode, seconds = '6']: string[]): Promise<string> {
  leaveCore0ToServer()
  const modes: Mode[] = mode === 'low-latency' || mode === 'classic' ? [mode] : ['low-latency', 'classic']
  const parts: string[] = []
  for (const each of modes) parts.push(tableOf(each, await measureSteps(each, Number(seconds))))
  return writeResult(
    'viewer-ceiling',
    'Simulated viewers that one core bears',
    parts.join('\n\n'),
    'a server without work on one core, the viewers on another, half of them hls.js, half the watch page; media of 200 and 50 kbit/s',
  )
}

async function measureSteps(mode: Mode, seconds: number): Promise<NullStep[]> {
  const crowd = await startNullCrowd(mode, partBytes)
  const rows: NullStep[] = []
  try {
    const { viewers, most } = steps[mode]
    for (let count = viewers; count <= most; count += viewers) {
      await crowd.gather(count)
      const step = await crowd.measure(seconds)
      rows.push(step)
      console.log(`${mode}: ${JSON.stringify(step)}`)
      if (!isBorne(step)) break
    }
  } finally {
    await crowd.stop()
  }
  return rows
}

/** Whether nothing failed, and the core was not used up. */
const isBorne = ({ usedCore, failures }: NullStep) => usedCore < maxUsedCore && failures === 0

/** Returns a table of all steps. The ceiling is the last step that was borne. */
function tableOf(mode: Mode, rows: readonly NullStep[]): string {
  const ceiling = rows.findLast(isBorne)
  const percent = (share: number) => `${Math.round(100 * share)} %`
  const lines = rows.map((row) =>
    [
      row.viewers,
      Math.round(row.requestsPerSecond),
      percent(row.usedCore),
      percent(row.serverCore),
      `${row.msPerViewerSecond.toFixed(3)} ms`,
      percent(row.kernelShare),
      percent(row.heldShare),
      `${Math.round(row.lagMs)} ms`,
      `${Math.round(row.joinP95Ms)} ms`,
      row.stalls,
      row.failures,
    ].join(' | '),
  )
  return [
    `${mode}: ${ceiling?.viewers ?? 0} viewers`,
    '',
    ...(ceiling === undefined ? [] : [`By the CPU time of a viewer there: ${ceilingBy(ceiling)}.`, '']),
    '| viewers | requests/s | core | core of the server | CPU for a viewer, each second | of it the kernel | held by other programs | event loop, p99 | join, p95 | stalls | failures |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n')
}
