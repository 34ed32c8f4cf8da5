import { Histogram, type Registry } from '../core/process/metrics.ts'

type Kind = 'video' | 'audio'

/** Values that may wait to be counted. */
const mostWaiting = 128

/**
 * The histogram of the time that parts spend in the packager. Values are counted many in a row, or when somebody asks:
 * one by one, each finding the code of the histogram cold, they cost half as much as making the parts.
 */
export function createPartDelay(registry: Registry): (kind: Kind, seconds: number) => void {
  const waiting: { kind: Kind; seconds: number }[] = []
  const histogram: Histogram<'kind'> = new Histogram({
    name: 'nowcast_packager_part_delay_seconds',
    help: 'From the last bytes of a part to its publication',
    labelNames: ['kind'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers: [registry],
    collect: count,
  })
  function count() {
    for (const { kind, seconds } of waiting.splice(0)) histogram.observe({ kind }, seconds)
  }
  return (kind, seconds) => {
    if (waiting.push({ kind, seconds }) >= mostWaiting) count()
  }
}
