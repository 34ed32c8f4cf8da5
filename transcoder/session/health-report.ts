import type { TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { Log } from '../../core/process/log.ts'
import type { KnownSession } from './followed-session.ts'
import { createHealthMeter } from './health-meter.ts'
import type { OriginRecord } from './origin-record.ts'
import type { SessionDependencies } from './session-dependencies.ts'

export interface HealthReportOptions {
  sessionId: string
  slug: string
  /** Length of a part, or of a segment in channels without parts, ms. */
  pieceMs: number
  record: Pick<OriginRecord, 'setHealth' | 'put'>
  sessionLog: SessionDependencies['sessionLog']
  metrics: Pick<SessionDependencies['metrics'], 'health'>
  log: Log
}

/**
 * Reports how well the transcode of a session keeps up. Every measurement is in the metrics and in the next
 * write of the origin record. Changes of `overloaded` are also written to the log and the session log.
 */
export function createHealthReport(options: HealthReportOptions) {
  const { sessionId, slug, pieceMs, record, sessionLog, metrics, log } = options
  const meter = createHealthMeter(pieceMs)
  let wasOverloaded = false

  function reportChange({ overloaded, speed, behindMs }: TranscodeHealth) {
    if (overloaded) log.warn({ speed, behindMs }, 'transcoding cannot keep up with the source')
    else log.info({ speed, behindMs }, 'transcoding keeps up again')
    void record.put()
    sessionLog
      .append({ type: 'overloaded', at: Date.now(), sessionId, overloaded, speed })
      .catch((error) => log.warn({ err: error }, 'the session log is away'))
  }

  return {
    /**
     * Measures the health and reports it. `sourceMs` is the newest time of the source, `mediaEndMs` the time
     * up to which the packager has received media. Does nothing until both are known.
     */
    update(sourceMs: number | undefined, mediaEndMs: number | undefined): void {
      if (sourceMs === undefined || mediaEndMs === undefined) return
      const health = meter.sample({ now: performance.now(), sourceMs, mediaEndMs })
      record.setHealth(health)
      metrics.health.set(slug, health)
      if (health.overloaded !== wasOverloaded) reportChange(health)
      wasOverloaded = health.overloaded
    },
    /** Removes the channel from the metrics. */
    close: () => void metrics.health.delete(slug),
  }
}

/**
 * Returns the time of the newest media of the source, ms; undefined before the first frame. The time that
 * ingest reports counts too, because its media may not have arrived yet. It is ignored when the session has
 * changed to another ingest since the start.
 */
export function newestMsOf(
  newestMs: number | undefined,
  { ingest, newestMs: reportedMs }: KnownSession,
  first: KnownSession,
): number | undefined {
  if (newestMs === undefined || reportedMs === undefined || ingest.flvUrl !== first.ingest.flvUrl)
    return newestMs
  return Math.max(newestMs, reportedMs)
}
