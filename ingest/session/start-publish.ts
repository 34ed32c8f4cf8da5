import type { LiveSession } from '../../core/contracts/live-records.ts'
import { throttle } from '../../core/mechanisms/throttle.ts'
import type { Source } from '../../core/media/source.ts'
import type { ClockFault } from '../clock/clock-fault.ts'
import type { FlushPace } from '../distribution/flush-pace.ts'
import type { PublishSessionOptions } from './publish-options.ts'
import { PublishSession } from './publish-session.ts'
import { type AnnouncerDependencies, createSessionAnnouncer } from './session-announcer.ts'
import { createSessionLife, type LifeDependencies, type SessionLife } from './session-life.ts'

/** Minimum time between two calls of `sourceChanged` for one session, ms. */
const sourceIntervalMs = 500

export interface PublishStartOptions extends LifeDependencies {
  limits: PublishSessionOptions['limits']
  pace: FlushPace
  announcer: AnnouncerDependencies
  onClockCorrection: (fault: ClockFault) => void
}

/**
 * Creates a function that starts a publish of the session that `record` describes. `former`: the record of
 * the publish before; undefined for the first.
 */
export function createPublishStart(options: PublishStartOptions) {
  const { limits, pace, log } = options

  return (record: LiveSession, former?: LiveSession): SessionLife => {
    const { sessionId, slug, graceMs = 0 } = record
    const announcer = createSessionAnnouncer(record, options.announcer)
    const startedAt = Date.now()
    const session = new PublishSession({
      ...{ sessionId, limits, pace, graceMs },
      former: former && { mediaZeroAt: former.mediaZeroAt ?? startedAt, newestMs: former.newestMs ?? 0 },
      isOver: (reason) => life.isOver(reason),
      onSource: throttle(sourceIntervalMs, (source: Source, mediaZeroAt: number) => {
        const { video, audio } = source
        log.info({ sessionId, slug, afterMs: Date.now() - startedAt, video, audio }, 'source is known')
        void announcer.sourceChanged(source, mediaZeroAt)
      }),
      onClockCorrection({ fault, amount }) {
        options.onClockCorrection(fault)
        log.debug({ sessionId, fault, amount }, 'timestamps corrected')
      },
    })
    const life: SessionLife = createSessionLife({ session, announcer, former: former?.interruption }, options)
    return life
  }
}
