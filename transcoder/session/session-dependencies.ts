import type { Origin, TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { SessionLog } from '../../core/contracts/session-log.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Log } from '../../core/process/log.ts'
import type { EncoderFactory } from '../epoch/epoch-encoders.ts'
import type { AdoptedMedia, Presentation, PresentationOptions } from '../packager/packager.ts'
import type { Ladder } from '../plan/ladder.ts'
import type { Allowance } from '../room/room.ts'
import type { SlateLibrary } from '../slate/slate-library.ts'

/** Makes presentations available over HTTP. */
export interface SessionHost {
  /**
   * Returns the segments that the transcoder of an origin has stored, for a presentation that continues them;
   * undefined when there are none in time.
   */
  adopt(origin: Origin): Promise<ReadonlyMap<string, AdoptedMedia> | undefined>
  /** Creates a presentation and makes it available from now on. */
  open(options: PresentationOptions): Presentation
  /**
   * Keeps an ended presentation available for a while, so that players see its end. Then calls `onGone`, and
   * makes the presentation unavailable.
   */
  retire(presentation: Presentation, onGone: () => Promise<void>): void
  /** Makes a presentation unavailable now. What is stored of it remains, for another transcoder. */
  close(presentation: Presentation): void
  /** Resolves when what is complete of a presentation is stored, or after a moment. */
  stored(presentation: Presentation): Promise<void>
}

interface Count {
  inc(): void
}

export interface SessionMetrics {
  /** Number of epochs that began. */
  epochs: Count
  /** Number of runs of ffmpeg that started. */
  runs: Count
  /** Number of runs of ffmpeg that failed: did not start, died, hung, or wrote unusable output. */
  failures: Count
  /** Number of runs of ffmpeg that were ended because they were too late. */
  skips: Count
  /** Number of slates that could not be had or encoded. */
  slateFailures: Count
  /** Number of sessions that ended, by outcome. */
  ends: { inc(labels: { outcome: SessionEnd }): void }
  /** Health of the running sessions, by slug. */
  health: Map<string, TranscodeHealth>
}

/** How a process leaves its sessions to other transcoders. */
export interface Leaving {
  /** Aborts when each session is offered to another transcoder, and continued until that one has media. */
  offer: AbortSignal
  /** Aborts when all sessions are left at once. */
  stop: AbortSignal
}

/** Outcome of a session in this process. */
export type SessionEnd =
  /** The session did not exist, had ended, or its source was not known in time. */
  | 'gone'
  /** The session ended, and its playlists are complete. */
  | 'ended'
  /** ffmpeg failed, or the source was unreadable, too often, and ingest was asked to end the session. */
  | 'failed'
  /** Another transcoder publishes the session with a newer epoch. */
  | 'fenced'
  /** This process was asked to leave the session to another one; the session continues. */
  | 'stopped'

/** Dependencies and settings of a session, which all sessions of a process share except `onWaiting`. */
export interface SessionDependencies {
  /** Called when the session begins to wait for its publisher, and when the publisher has returned. */
  onWaiting(isWaiting: boolean): void
  registry: LiveRegistry
  sessionLog: Pick<SessionLog, 'append'>
  stopRequests: Pick<StopRequests, 'request' | 'pending'>
  host: SessionHost
  /** Base URL at which edges reach the origin of this process. */
  originUrl: string
  instance: string
  sourceKey: string
  encoder: Pick<EncoderFactory, 'ffmpeg' | 'version' | 'preset'>
  ladder: Ladder
  slates: SlateLibrary
  /** What the sessions of this process may encode. */
  room: { allowanceOf(sessionId: string): Allowance }
  /** Lengths of parts and segments in the settings, ms. */
  lengths: { partMs: number; segmentMs: number }
  /** Time between two pictures, ms; 0: there are none. */
  pictureEveryMs: number
  metrics: SessionMetrics
  log: Log
}
