import { runRole } from '../core/process/role.ts'
import { startManager } from './manager.ts'
import { readManagerSettings } from './settings.ts'

process.exit(await runRole('manager', readManagerSettings, startManager))
