export type RoleName = 'ingest' | 'transcoder' | 'edge' | 'manager'

/** Message of a role over IPC to the process that started it: the role is ready, could not start, or runs. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }
  /** The answer to `ask`, which shows that the event loop runs. */
  | { type: 'alive' }

/** Message to a role. `stop`: stop without draining, because all roles stop. `ask`: answer `alive`. */
export type ToRole = { type: 'stop' } | { type: 'ask' }
