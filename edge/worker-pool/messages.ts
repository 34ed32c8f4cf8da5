import type { RoleMessage, ToRole } from '../../core/process/role-messages.ts'
import type { ExperienceNews } from '../experience/experience-notes.ts'
import type { Gate } from '../overload/overload-control.ts'
import type { Load } from '../overload/process-load.ts'

import type { Seen } from './sightings.ts'

/** Figures of one process as prom-client tells them to another. */
export type Figures = object[]

/** What a worker tells the process that started it. */
export type FromWorker =
  | RoleMessage
  /** Viewers by channel who asked for a playlist since the last such message. */
  | { type: 'seen'; viewers: Seen }
  /** What players told by channel since the last such message. */
  | { type: 'experience'; news: ExperienceNews }
  /** How hard it works. */
  | { type: 'load'; load: Load }
  /** Viewers who began to watch there: all workers must know them when newcomers are refused. */
  | { type: 'joined'; viewers: number[] }
  /** Somebody asked this worker for the figures of all. */
  | { type: 'gather'; id: number }
  | { type: 'figures'; id: number; figures: Figures }

/** What it is told. */
export type ToWorker =
  | ToRole
  | { type: 'collect'; id: number }
  | { type: 'gathered'; id: number; text: string }
  /** What all workers do about the load from now on. */
  | { type: 'gate'; gate: Gate }
  /** Viewers who began to watch at another worker. */
  | { type: 'joined'; viewers: number[] }
