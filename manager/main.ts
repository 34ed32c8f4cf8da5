import { runRole } from '../core/process/role.ts'
import { readManagerSettings } from './settings.ts'
import { startManager } from './start.ts'

process.exit(await runRole('manager', readManagerSettings, startManager))
