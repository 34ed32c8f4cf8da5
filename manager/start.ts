import { join } from 'node:path'
import { newInstanceId } from '../core/contracts/ids.ts'
import { announcePresence } from '../core/contracts/presence.ts'
import { closeServer, urlOf } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import type { RunningRole } from '../core/process/role.ts'
import { listen } from './server.ts'
import type { ManagerSettings } from './settings.ts'
import { wireManager } from './wire.ts'

/** Maximum time that requests in progress may take when another manager has the port, ms. */
const retireMs = 3000

/**
 * Starts the manager. Resolves when it listens. The database must be available; Redis may be away.
 * @throws NowcastError `bad_settings` with one line for the operator when it cannot start with these settings
 */
export async function startManager(
  log: Log,
  settings: ManagerSettings,
  playerDir = join(import.meta.dirname, '../player/dist'),
): Promise<RunningRole> {
  const { app, redis, endStreams, close } = await wireManager(log, settings, playerDir)
  const port = await listen(app, settings.host, settings.managerPort, settings.sharedPorts === 'on').catch(
    async (error) => {
      await close()
      throw error
    },
  )
  const url = settings.advertiseUrl ?? urlOf(settings.host, port)
  const withdraw = announcePresence(
    redis,
    { role: 'manager', instance: newInstanceId(), url, startedAt: Date.now() },
    log,
  )
  return {
    ready: { url, port },
    retire() {
      const closed = closeServer(app.server, retireMs)
      endStreams()
      return closed
    },
    async close() {
      await withdraw()
      await close()
    },
  }
}
