import { integer, optionalPort, port, readSettings, text } from '../../core/process/settings.ts'
import { sharedSettings } from '../../core/process/shared-settings.ts'

const shape = {
  ...sharedSettings,
  /** URL of a Redis; undefined makes the supervisor run a private one. */
  redisUrl: text('REDIS_URL'),
  rtmpPort: port('NOWCAST_RTMP_PORT', 1935),
  rtmpsPort: optionalPort('NOWCAST_RTMPS_PORT'),
  managerPort: port('NOWCAST_MANAGER_PORT', 8080),
  edgePort: port('NOWCAST_EDGE_PORT', 8088),
  adminToken: text('NOWCAST_ADMIN_TOKEN'),
  /** Time after which a role whose event loop stands still is started again, s; 0: never. */
  hangSeconds: integer('NOWCAST_HANG_SECONDS', 5, 0, 3600),
  /** User as which a start as root runs. `infra/setup/user.mjs` has changed to it. */
  user: text('NOWCAST_USER'),
} as const

export type SupervisorSettings = ReturnType<typeof readSupervisorSettings>

/**
 * Reads the settings that the supervisor itself uses. The roles read and check the others.
 * @throws NowcastError `bad_settings`, one line that names every bad setting
 */
export function readSupervisorSettings(environment: NodeJS.ProcessEnv) {
  return readSettings(shape, environment)
}
