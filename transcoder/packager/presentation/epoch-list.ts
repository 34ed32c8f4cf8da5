import type { Log } from '../../../core/process/log.ts'
import { type EpochOptions, EpochPackager, type EpochSink } from '../packing/epoch-packager.ts'
import type { createPartTarget } from '../packing/part-target.ts'
import type { ProgramClock } from '../packing/program-clock.ts'
import type { SegmentPlan } from '../packing/segment-plan.ts'
import type { StreamSet } from './stream-set.ts'

export interface EpochListOptions {
  streams: StreamSet
  clock: ProgramClock
  plan: SegmentPlan
  partTarget: ReturnType<typeof createPartTarget>
  /** Whether another transcoder has published segments of this presentation. */
  isTakeover: boolean
  log: Log
}

const usualFrameMs = 1000 / 30
const audioFrameMs = 1024 / 48

/** Creates the list of the epochs that renditions may still take part in: the newest two. */
export function createEpochList({ streams, partTarget, isTakeover, log, ...context }: EpochListOptions) {
  let epochs: readonly EpochPackager[] = []
  const nextMsn = () => Math.max(streams.firstFreeMsn, ...epochs.map(({ lastMsn = -1 }) => lastMsn + 1))

  return {
    /** Begins an epoch, and ends those before the previous one. */
    begin(options: EpochOptions): EpochSink {
      const [previous, ...older] = epochs.toReversed()
      for (const each of older) each.endAll()
      const frameMs = frameDuration(options)
      const partTargetMs = partTarget.forFrames(frameMs)
      log.info({ epoch: options.epoch, msn: streams.nextMsn, partTargetMs }, 'epoch begins')
      const next = new EpochPackager(options, {
        ...context,
        streams: streams.byName,
        partTargetMs,
        frameMs,
        firstMsn: nextMsn,
        isContinuation: previous !== undefined || isTakeover,
      })
      epochs = previous ? [previous, next] : [next]
      return next
    },

    endAll(): void {
      for (const epoch of epochs) epoch.endAll()
    },
  }
}

/**
 * Returns the usual length of a frame of the leader, ms; for video from 4 to 1000. If `frameMs` is not a
 * finite positive number, it is the length at 30 frames/s, or that of AAC at 48 kHz.
 */
function frameDuration({ leader, frameMs }: EpochOptions): number {
  if (leader === 'audio') return Number.isFinite(frameMs) && frameMs > 0 ? frameMs : audioFrameMs
  return Number.isFinite(frameMs) && frameMs > 0 ? Math.min(1000, Math.max(4, frameMs)) : usualFrameMs
}
