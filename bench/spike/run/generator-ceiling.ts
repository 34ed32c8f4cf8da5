import { modelPartMs } from '../../../test/kit/model-channel/model-media.ts'
import {
  ceilingBy,
  type Mode,
  type NullStep,
  startNullCrowd,
} from '../../suites/viewer-ceiling/null-crowd.ts'
import type { Architecture } from '../architectures/architecture.ts'

/** What the generator bore against a server without work, before the runs. */
export interface GeneratorCeiling extends NullStep {
  mode: Mode
}

/** Number of viewers with which the generator is measured, and for how long, s. */
const crowds: Record<Mode, number> = { 'low-latency': 1000, classic: 2000 }
const measuredSeconds = 4
/** Seconds that all of it takes for a mode, with arrivals and the start of the server. */
const modeSeconds = 10

/** Share of the time that other programs may hold the generator for its ceiling to be known. */
const maxHeldShare = 0.2

/** Returns the kinds of viewers that these architectures have. */
const modesOf = (architectures: readonly Architecture[]): Mode[] => [
  ...new Set(architectures.map(({ isLowLatency }): Mode => (isLowLatency ? 'low-latency' : 'classic'))),
]

export const generatorSeconds = (architectures: readonly Architecture[]): number =>
  modesOf(architectures).length * modeSeconds

/**
 * Measures the generator for each kind of viewer that these architectures have. `kbps`: bitrate of the video,
 * kbit/s.
 */
export async function measureGenerator(
  architectures: readonly Architecture[],
  kbps: number,
): Promise<GeneratorCeiling[]> {
  const ceilings: GeneratorCeiling[] = []
  for (const mode of modesOf(architectures)) {
    const crowd = await startNullCrowd(mode, (kbps * modelPartMs) / 8)
    try {
      await crowd.gather(crowds[mode])
      ceilings.push({ mode, ...(await crowd.measure(measuredSeconds)) })
    } finally {
      await crowd.stop()
    }
  }
  return ceilings
}

/** Returns one sentence for a report. */
export function ceilingText(ceiling: GeneratorCeiling): string {
  const { mode, viewers, usedCore, serverCore, msPerViewerSecond, heldShare, stalls, failures } = ceiling
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  const count = heldShare > maxHeldShare || failures > 0 ? 'not known' : `about ${ceilingBy(ceiling)} viewers`
  return [
    `${mode}: ${count}`,
    `${viewers} viewers of a server without work used ${percent(usedCore)} of the core, ${msPerViewerSecond.toFixed(3)} ms each in a second`,
    `that server used ${percent(serverCore)} of its own`,
    `other programs held the viewers for ${percent(heldShare)} of the time`,
    `${stalls} stalls, ${failures} failures`,
  ].join('; ')
}
