import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { messageOf, NowcastError } from '../../core/process/errors.ts'

/** Mark of a backup in the header of the SQLite file (`application_id`): "nwck". */
const applicationId = 0x6e_77_63_6b
/** Maximum time to wait for another process to finish a transaction, ms. */
const busyTimeoutMs = 5000

/** What a backup has besides the database: small files of the data dir, by relative path. */
export type SmallFiles = ReadonlyMap<string, string>

/**
 * Writes a backup, mode 0600: a copy of the database as it is at one moment, with `files` in a table of its
 * own. The database may be in use; its writers do not wait. `target` appears only when it is complete.
 * @throws NowcastError `bad_settings` when `target` exists or cannot be written, or there is no database
 */
export function writeBackup(databasePath: string, files: SmallFiles, target: string): void {
  if (existsSync(target)) throw new NowcastError('bad_settings', `${target} exists; choose another file`)
  explained(`${target} cannot be written`, () =>
    createFile(target, (draft) => {
      copyDatabase(databasePath, draft)
      const copy = new SqliteDatabase(draft)
      try {
        copy.pragma('journal_mode = DELETE')
        copy.pragma(`application_id = ${applicationId}`)
        copy.exec('create table backup_files (name text primary key, content text not null)')
        const insert = copy.prepare('insert into backup_files values (?, ?)')
        for (const entry of files) insert.run(...entry)
      } finally {
        copy.close()
      }
    }),
  )
}

/**
 * Returns the small files of a backup.
 * @throws NowcastError `bad_settings` when `path` is not a backup, or is damaged
 */
export function readSmallFiles(path: string): SmallFiles {
  return explained(`${path} is not a backup of nowcast`, () => {
    const backup = new SqliteDatabase(path, { readonly: true, fileMustExist: true })
    try {
      if (backup.pragma('application_id', { simple: true }) !== applicationId) throw new Error('no mark')
      if (backup.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error('it is damaged')
      const rows = backup.prepare('select name, content from backup_files').all()
      return new Map(
        (rows as { name: string; content: string }[]).map(({ name, content }) => [name, content]),
      )
    } finally {
      backup.close()
    }
  })
}

/**
 * Writes the database of a backup, without the small files, to `target`, which appears when it is complete.
 * @throws NowcastError `bad_settings` when `target` exists or cannot be written
 */
export function writeDatabase(backupPath: string, target: string): void {
  explained(`${target} cannot be written`, () =>
    createFile(target, (draft) => {
      copyDatabase(backupPath, draft)
      const copy = new SqliteDatabase(draft)
      try {
        // The secrets in the dropped table must not stay in free pages of the file.
        copy.pragma('secure_delete = ON')
        copy.exec('drop table backup_files')
        copy.pragma('application_id = 0')
      } finally {
        copy.close()
      }
    }),
  )
}

/** Copies a database in one read transaction, so that the copy is consistent while others write. */
function copyDatabase(source: string, target: string): void {
  const database = new SqliteDatabase(source, { fileMustExist: true, timeout: busyTimeoutMs })
  try {
    database.prepare('vacuum into ?').run(target)
  } finally {
    database.close()
  }
}

/** Creates a file with mode 0600. `write` fills a draft, which gets the name `path` when it is complete. */
function createFile(path: string, write: (draft: string) => void): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`
  try {
    closeSync(openSync(draft, 'wx', 0o600))
    write(draft)
    sync(draft)
    place(draft, path)
    sync(dirname(resolve(path)))
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true })
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Moves a draft to its final path. Throws when a file with that path has appeared meanwhile. */
function place(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // `EPERM` and `ENOTSUP`: the file system has no hard links.
    if ((code !== 'EPERM' && code !== 'ENOTSUP') || existsSync(path)) throw error
    renameSync(draft, path)
  }
}

function explained<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof NowcastError
      ? error
      : new NowcastError('bad_settings', `${what}: ${messageOf(error)}`)
  }
}
