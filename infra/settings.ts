import { optionalPort, port, readSettings, text } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'

const shape = {
  ...sharedSettings,
  /** Undefined: the supervisor runs a Redis of its own. */
  redisUrl: text('REDIS_URL'),
  rtmpPort: port('NOWCAST_RTMP_PORT', 1935),
  rtmpsPort: optionalPort('NOWCAST_RTMPS_PORT'),
  managerPort: port('NOWCAST_MANAGER_PORT', 8080),
  edgePort: port('NOWCAST_EDGE_PORT', 8088),
  adminToken: text('NOWCAST_ADMIN_TOKEN'),
} as const

export type SupervisorSettings = ReturnType<typeof readSupervisorSettings>

/** What the single-machine supervisor must know itself; everything else is checked by the roles. */
export function readSupervisorSettings(environment: NodeJS.ProcessEnv) {
  return readSettings(shape, environment)
}
