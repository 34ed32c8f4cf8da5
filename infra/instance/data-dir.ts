import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NowcastError } from '../../core/process/errors.ts'
import { createExclusively } from '../../core/process/exclusive-file.ts'

/**
 * Creates the data dir if it does not exist, and returns its absolute path.
 * @throws NowcastError `bad_settings` when it cannot be created or written, or is not a directory.
 */
export function openDataDir(path: string): string {
  const absolute = resolve(path)
  try {
    makeDirectory(absolute)
    accessSync(absolute, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'is not a directory' : `is not writable (${code})`
    throw new NowcastError('bad_settings', `data dir ${absolute} ${why}; set NOWCAST_DATA_DIR to one that is`)
  }
  return absolute
}

/**
 * Creates a directory and its parents if they do not exist. Node's own option `recursive` never returns where
 * the system refuses with ENOENT, as under /proc.
 */
function makeDirectory(path: string): void {
  if (isDirectory(path)) return
  if (dirname(path) !== path) makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Content of the lock file: the process that holds the lock. */
interface Holder {
  pid: number
  /**
   * Start time of the process, in the format of the system; empty when unknown. A later process with the same
   * id has a different one.
   */
  startedAt: string
}

/**
 * Locks a data dir for this process and returns the function that unlocks it. The lock of a process that no
 * longer exists is taken over.
 * @throws NowcastError `bad_settings` when a running instance uses the directory, or the lock file cannot be
 * created or replaced.
 */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, 'nowcast.lock')
  const holder = takeLock(path)
  if (holder === undefined) return () => rmSync(path, { force: true })
  throw new NowcastError(
    'bad_settings',
    `data dir ${dataDir} is in use by the instance with process id ${holder.pid}; stop it, or set NOWCAST_DATA_DIR to another directory`,
  )
}

/**
 * Takes a lock file for this process. Returns its holder, and does not take it, when the holder runs.
 *
 * Several instances may find the same stale lock. Each tries to take a second lock, named by the hash of the
 * stale content, and only its holder replaces the stale lock. Nothing else changes a stale lock, so no
 * instance ever overwrites the new lock of another.
 */
function takeLock(path: string): Holder | undefined {
  const own = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? '' } satisfies Holder)
  for (let attempt = 0; attempt < 10; attempt++) {
    if (createLock(path, own)) return undefined
    const held = readLock(path)
    if (held === undefined) continue
    const holder = parseHolder(held)
    if (holder !== undefined && startOf(holder.pid) === holder.startedAt) return holder
    const right = `${path}.${createHash('sha256').update(held).digest('hex').slice(0, 16)}`
    const rival = takeLock(right)
    if (rival !== undefined) return rival
    try {
      if (readLock(path) !== held) continue
      replaceFile(path, own)
      return undefined
    } finally {
      rmSync(right, { force: true })
    }
  }
  throw new NowcastError('bad_settings', `lock file ${path} cannot be taken`)
}

/**
 * Creates the lock file. Returns false when it exists.
 * @throws NowcastError `bad_settings` when it cannot be created.
 */
function createLock(path: string, content: string): boolean {
  try {
    return createExclusively(path, content)
  } catch (error) {
    throw new NowcastError('bad_settings', `lock file ${path}: ${(error as Error).message}`)
  }
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parseHolder(content: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(content) as Partial<Holder>
    return pid === undefined || startedAt === undefined ? undefined : { pid, startedAt }
  } catch {
    return undefined
  }
}

/** Replaces a file by renaming a complete draft, so that other processes never read an incomplete file. */
function replaceFile(path: string, content: string) {
  const draft = `${path}.${process.pid}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, path)
}

/** Returns the start time of a process; undefined when there is none or, on Linux, it is a zombie. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // The start time is field 22 (proc(5)). Field 2 is the command in parentheses, which may contain
      // spaces, so fields are counted after the last parenthesis.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? undefined : fields[19]
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
