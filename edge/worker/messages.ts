import type { RoleMessage } from '../../core/role.ts'

/** Figures of one process as prom-client tells them to another. */
export type Figures = object[]

/** What a worker tells the process that started it. */
export type FromWorker =
  | RoleMessage
  /** Viewers by channel who asked for a playlist since the last such message. */
  | { type: 'seen'; viewers: [slug: string, ids: number[]][] }
  /** Somebody asked this worker for the figures of all. */
  | { type: 'gather'; id: number }
  | { type: 'figures'; id: number; figures: Figures }

/** What it is told. */
export type ToWorker = { type: 'collect'; id: number } | { type: 'gathered'; id: number; text: string }
