export type RoleName = 'ingest' | 'transcoder' | 'edge' | 'manager'

/** Message of a role over IPC to the process that started it: the role is ready, could not start, or runs. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }
  /** The answer to `ask`, which shows that the event loop runs. */
  | { type: 'alive' }

/**
 * Message to a role. `stop`: stop without draining, because all roles stop. `retire`: leave the ports and the
 * clients to another process of the role, which has started at the same ports. `ask`: answer `alive`.
 */
export type ToRole = { type: 'stop' } | { type: 'retire' } | { type: 'ask' }
