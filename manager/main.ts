import { runRole } from '../core/role.ts'
import { startManager } from './manager.ts'
import { readManagerSettings } from './settings.ts'

const settings = readManagerSettings()
process.exit(await runRole('manager', settings.logLevel, (log) => startManager(log, settings)))
