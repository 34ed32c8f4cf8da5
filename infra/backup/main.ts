import { messageOf, NowcastError } from '../../core/process/errors.ts'
import { backUp, readBackupSettings, restore } from './data-dir-backup.ts'

/** Runs `nowcast backup FILE` or `nowcast restore FILE`. Returns the exit code. */
function main([command, file = '']: readonly string[]): number {
  try {
    const settings = readBackupSettings(process.env)
    const line = command === 'restore' ? restore(settings, file) : backUp(settings, file)
    process.stderr.write(`nowcast: ${line}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof NowcastError)) throw error
    process.stderr.write(`nowcast: ${messageOf(error)}\n`)
    return 1
  }
}

process.exit(main(process.argv.slice(2)))
