import type { TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { SessionLog } from '../../core/contracts/session-log.ts'
import type { Log } from '../../core/process/log.ts'
import type { TranscoderMetrics } from '../metrics.ts'
import { createHealthMeter } from './health.ts'
import type { OriginRecord } from './origin-record.ts'

export interface HealthReportOptions {
  sessionId: string
  slug: string
  pieceMs: number
  record: Pick<OriginRecord, 'setHealth' | 'tell'>
  sessionLog: Pick<SessionLog, 'append'>
  metrics: TranscoderMetrics
  log: Log
}

export type HealthReport = ReturnType<typeof createHealthReport>

/** Says everywhere how well a session's transcode keeps up: registry, metrics, and session log and log when it changes. */
export function createHealthReport({
  sessionId,
  slug,
  pieceMs,
  record,
  sessionLog,
  metrics,
  log,
}: HealthReportOptions) {
  const meter = createHealthMeter(pieceMs)
  let wasOverloaded = false

  function tellChange({ overloaded, speed, behindMs }: TranscodeHealth) {
    if (overloaded) log.warn({ speed, behindMs }, 'transcoding cannot keep up with the source')
    else log.info({ speed, behindMs }, 'transcoding keeps up again')
    void record.tell()
    sessionLog
      .append({ type: 'overloaded', at: Date.now(), sessionId, overloaded, speed })
      .catch((error) => log.warn({ err: error }, 'the session log is away'))
  }

  return {
    /** Takes the newest timestamps of source and output, ms; does nothing before both are known. */
    look(sourceMs: number | undefined, mediaEndMs: number | undefined): void {
      if (sourceMs === undefined || mediaEndMs === undefined) return
      const health = meter.sample({ now: performance.now(), sourceMs, mediaEndMs })
      record.setHealth(health)
      metrics.health.set(slug, health)
      if (health.overloaded !== wasOverloaded) tellChange(health)
      wasOverloaded = health.overloaded
    },
    restart: meter.restart,
    /** Takes the session out of the metrics. */
    close: () => void metrics.health.delete(slug),
  }
}
