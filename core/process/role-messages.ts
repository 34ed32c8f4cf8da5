export type RoleName = 'ingest' | 'transcoder' | 'edge' | 'manager'

/** Message of a role to the supervisor over IPC. A role sends one: it is ready, or could not start. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }

/** Message of the supervisor to a role: stop without draining, because all roles stop. */
export type ToRole = { type: 'stop' }
