export type RoleName = 'ingest' | 'transcoder' | 'edge' | 'manager'

/** What the process of a role reports to the supervisor over IPC, once: it is ready, or could not start. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }

/** Orders a role to stop without draining, because everything on this machine stops. */
export type ToRole = { type: 'stop' }
