import type { TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { SessionLog } from '../../core/contracts/session-log.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Log } from '../../core/process/log.ts'
import type { EncoderFactory } from '../epoch/epoch-encoders.ts'
import type { Presentation, PresentationOptions } from '../packager/packager.ts'
import type { Ladder } from '../plan/ladder.ts'

/** Serves the presentations of sessions. */
export interface SessionHost {
  /** Creates a presentation and serves it from now on. */
  open(options: PresentationOptions): Presentation
  /** Serves an ended presentation as long as players may want to read its end, then calls `onGone`. */
  retire(presentation: Presentation, onGone: () => Promise<void>): void
  /** Stops serving a presentation. */
  close(presentation: Presentation): void
}

interface Count {
  inc(): void
}

/** The metrics that sessions record. */
export interface SessionMetrics {
  /** Epochs that began. */
  epochs: Count
  /** Runs of ffmpeg that were started. */
  runs: Count
  /** Runs of ffmpeg that died or hung. */
  failures: Count
  /** Runs of ffmpeg that were ended because they were too late. */
  skips: Count
  /** Sessions that ended, by outcome. */
  ends: { inc(labels: { outcome: SessionEnd }): void }
  /** Health of running sessions by slug. */
  health: Map<string, TranscodeHealth>
}

/** How the transcode of a session ended in this process. */
export type SessionEnd =
  /** The session no longer exists. */
  | 'gone'
  /** The publisher ended it; the playlists are complete. */
  | 'ended'
  /** ffmpeg failed too often; the ingest was asked to end the session. */
  | 'failed'
  /** Another transcoder holds it. */
  | 'fenced'
  /** This process was asked to hand it over; the session continues. */
  | 'stopped'

/** What all sessions of a process share. */
export interface SessionDependencies {
  registry: LiveRegistry
  sessionLog: Pick<SessionLog, 'append'>
  stopRequests: Pick<StopRequests, 'request'>
  host: SessionHost
  /** Base URL at which edges reach the host. */
  originUrl: string
  /** Id of this process. */
  instance: string
  clusterSecret: string
  encoder: Pick<EncoderFactory, 'ffmpeg' | 'version' | 'preset'>
  ladder: Ladder
  /** Configured lengths of parts and segments, ms. */
  lengths: { partMs: number; segmentMs: number }
  metrics: SessionMetrics
  log: Log
}
