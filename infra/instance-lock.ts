import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NowcastError } from '../core/process/errors.ts'

interface Holder {
  pid: number
  /** When that process started, as its system tells it: a pid alone is given again to others. */
  startedAt: string
}

/**
 * Makes this process the one user of a data dir and gives the function that ends that. The lock of a process that is no more is taken over.
 * @throws NowcastError `bad_settings` when a living instance uses the directory.
 */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, 'nowcast.lock')
  const own = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? '' } satisfies Holder)
  for (let attempt = 0; attempt < 10; attempt++) {
    if (create(path, own)) return () => rmSync(path, { force: true })
    const held = read(path)
    if (held === undefined) continue
    const holder = parse(held)
    if (holder !== undefined && startOf(holder.pid) === holder.startedAt)
      throw new NowcastError(
        'bad_settings',
        `data dir ${dataDir} is in use by the instance with process id ${holder.pid}; stop it, or set NOWCAST_DATA_DIR to another directory`,
      )
    removeStale(path, held)
  }
  throw new NowcastError('bad_settings', `data dir ${dataDir}: its lock file ${path} cannot be taken`)
}

/** Makes the lock file, with its content in it from the first moment on; false when there is one. */
function create(path: string, content: string): boolean {
  const draft = `${path}.${process.pid}.new`
  try {
    writeFileSync(draft, content, { mode: 0o600 })
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new NowcastError('bad_settings', `lock file ${path}: ${(error as Error).message}`)
  } finally {
    rmSync(draft, { force: true })
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parse(content: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(content) as Partial<Holder>
    return pid === undefined || startedAt === undefined ? undefined : { pid, startedAt }
  } catch {
    return undefined
  }
}

/** Takes the lock file away if it still is the stale one: another instance may have been quicker and hold a fresh one by now. */
function removeStale(path: string, stale: string) {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    if (read(aside) !== stale) create(path, read(aside) ?? '')
    rmSync(aside, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** When a process started, undefined when it does not live. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // Field 22, counted behind the command in brackets, which may hold spaces (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? undefined : fields[19]
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
