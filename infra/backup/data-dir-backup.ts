import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NowcastError } from '../../core/process/errors.ts'
import { createExclusively } from '../../core/process/exclusive-file.ts'
import { adminTokenFile, clusterSecretFile } from '../../core/process/secrets.ts'
import { readSettings, text } from '../../core/process/settings.ts'
import { sharedSettings } from '../../core/process/shared-settings.ts'
import { lockDataDir, openDataDir } from '../instance/data-dir.ts'
import { readSmallFiles, writeBackup, writeDatabase } from './backup-file.ts'

const databaseFile = 'nowcast.db'
/** File that shows that the channel `demo` was created once, so that it is not created again. */
const demoMarkFile = 'demo-made'
/** Small files of a data dir that a backup may contain. No other name is ever restored. */
const smallFiles = [adminTokenFile, clusterSecretFile, demoMarkFile] as const

export function readBackupSettings(environment: NodeJS.ProcessEnv) {
  const { dataDir, clusterSecret } = sharedSettings
  const shape = {
    dataDir,
    clusterSecret,
    adminToken: text('NOWCAST_ADMIN_TOKEN'),
    databaseUrl: text('DATABASE_URL'),
  }
  return readSettings(shape, environment)
}

type BackupSettings = ReturnType<typeof readBackupSettings>

/**
 * Backs up channels, keys, history and secrets to `target`, also while the instance runs. Secrets in
 * `settings` take precedence over those in the data dir. Returns a line for the operator.
 * @throws NowcastError `bad_settings`, one line, when the database is Postgres or missing, there is no
 * cluster secret, or `target` cannot be created
 */
export function backUp(settings: BackupSettings, target: string): string {
  const dataDir = resolve(settings.dataDir)
  refusePostgres(settings, `pg_dump --format=custom --file=FILE "$DATABASE_URL"`, 'keep')
  const database = join(dataDir, databaseFile)
  if (!existsSync(database))
    throw new NowcastError('bad_settings', `there is no ${database}; set NOWCAST_DATA_DIR to the data dir`)
  const given: Record<string, string | undefined> = {
    [adminTokenFile]: settings.adminToken,
    [clusterSecretFile]: settings.clusterSecret,
  }
  const files = new Map<string, string>()
  for (const name of smallFiles) {
    const path = join(dataDir, name)
    const content = given[name] ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
    if (content !== undefined) files.set(name, content)
  }
  if (!files.has(clusterSecretFile))
    throw new NowcastError(
      'bad_settings',
      `there is no ${clusterSecretFile} in ${dataDir}; set NOWCAST_CLUSTER_SECRET`,
    )
  writeBackup(database, files, target)
  return `${dataDir} is backed up to ${target}, with its secrets: keep the file as safe as the data dir`
}

/**
 * Restores a backup into a data dir that has no database. Creates the data dir if it is missing. Returns a
 * line for the operator.
 * @throws NowcastError `bad_settings`, one line, when `DATABASE_URL` is set, `source` is not a backup, or the
 * data dir is in use by an instance, has a database, or has other secrets
 */
export function restore(settings: BackupSettings, source: string): string {
  refusePostgres(settings, 'pg_restore --dbname="$DATABASE_URL" FILE', 'put back')
  const files = readSmallFiles(source)
  const dataDir = openDataDir(settings.dataDir)
  const unlock = lockDataDir(dataDir)
  try {
    const database = join(dataDir, databaseFile)
    for (const path of [database, `${database}-wal`])
      if (existsSync(path))
        throw new NowcastError('bad_settings', `${path} exists; set NOWCAST_DATA_DIR to an empty directory`)
    for (const name of smallFiles) restoreSmallFile(join(dataDir, name), files.get(name))
    // The database is written last, so a data dir that has a database is complete.
    writeDatabase(source, database)
  } finally {
    unlock()
  }
  return `${source} is restored to ${dataDir}`
}

/** Creates a file. Leaves an existing file with the same content; refuses one with other content. */
function restoreSmallFile(path: string, content: string | undefined): void {
  if (content === undefined) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (createExclusively(path, content) || readFileSync(path, 'utf8') === content) return
  throw new NowcastError('bad_settings', `${path} exists; set NOWCAST_DATA_DIR to an empty directory`)
}

function refusePostgres({ databaseUrl, dataDir }: BackupSettings, command: string, action: string): void {
  if (databaseUrl !== undefined)
    throw new NowcastError(
      'bad_settings',
      `the database is Postgres: use ${command}, and ${action} ${join(resolve(dataDir), 'secrets')} with it`,
    )
}
