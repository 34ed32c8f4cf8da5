import { addGauge, Counter, type Registry } from '../../core/process/metrics.ts'
import type { UploadQueue, UploadQueueOptions } from './upload-queue.ts'

/** Registers the metrics of the segment store. `figures` is called at each scrape. */
export function createStoreMetrics(
  registry: Registry,
  figures: () => UploadQueue['figures'],
): UploadQueueOptions['metrics'] {
  const objects = new Counter({
    name: 'nowcast_segment_store_uploads_total',
    help: 'Uploads to the segment store: stored, failed (and repeated), dropped because it was too late',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const bytes = new Counter({
    name: 'nowcast_segment_store_bytes_total',
    help: 'Bytes written to the segment store',
    registers: [registry],
  })
  const register = (name: string, help: string, read: (of: UploadQueue['figures']) => number) =>
    addGauge(registry, { name, help }, () => read(figures()))
  register('nowcast_segment_store_away', '1 while the segment store does not work', ({ isAway }) =>
    isAway ? 1 : 0,
  )
  register(
    'nowcast_segment_store_queued_bytes',
    'Bytes that wait for their upload to the segment store',
    ({ queuedBytes }) => queuedBytes,
  )
  register(
    'nowcast_segment_store_behind_seconds',
    'Age of the oldest segment that waits for its upload',
    ({ behindSeconds }) => behindSeconds,
  )
  for (const outcome of ['stored', 'failed', 'dropped']) objects.inc({ outcome }, 0)
  return {
    stored(size) {
      objects.inc({ outcome: 'stored' })
      bytes.inc(size)
    },
    failed: () => objects.inc({ outcome: 'failed' }),
    dropped: () => objects.inc({ outcome: 'dropped' }),
  }
}
