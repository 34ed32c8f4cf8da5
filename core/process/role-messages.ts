export type RoleName = 'ingest' | 'transcoder' | 'edge' | 'manager'

/** Messages of a role's process to the supervisor over IPC. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }

/** A message of the supervisor to a role: stop now, because everything on this machine does. */
export type ToRole = { type: 'stop' }
