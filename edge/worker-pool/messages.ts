import type { RoleMessage, ToRole } from '../../core/process/role-messages.ts'
import type { ExperienceDelta } from '../experience/experience-notes.ts'
import type { OverloadState } from '../overload/overload-control.ts'
import type { ProcessLoad } from '../overload/process-load.ts'
import type { ViewsBySlug } from './recent-views.ts'

/** Metrics of one process, as prom-client exports them for aggregation. */
export type ProcessMetrics = object[]

/** Messages of a worker to the process that started it. */
export type FromWorker =
  | RoleMessage
  /** Viewers, by channel, who requested a media playlist since the last such message. */
  | { type: 'views'; views: ViewsBySlug }
  /** Player reports, by channel, since the last such message. */
  | { type: 'experience'; delta: ExperienceDelta }
  | { type: 'load'; load: ProcessLoad }
  /**
   * Viewers who got a media playlist from this worker, each about once a minute. All workers must know them,
   * so that none refuses them as newcomers.
   */
  | { type: 'joined'; viewers: number[] }
  /** A client requested `/metrics` from this worker, which needs the metrics of all workers. */
  | { type: 'gather_metrics'; id: number }
  /** The response to `collect_metrics`. */
  | { type: 'metrics'; id: number; metrics: ProcessMetrics }

/** Messages to a worker from the process that started it. */
export type ToWorker =
  | ToRole
  | { type: 'collect_metrics'; id: number }
  /** The response to `gather_metrics`. */
  | { type: 'gathered_metrics'; id: number; text: string }
  /** State of overload control that all workers apply from now on. */
  | { type: 'overload'; state: OverloadState }
  /** Viewers whom another worker reported with `joined`. */
  | { type: 'joined'; viewers: number[] }
