import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from './ports.ts'
import { startProcess } from './processes.ts'
import { here } from './server-place.ts'
import { makeTempDir } from './temp-dir.ts'

export interface TestPostgres {
  /** Value for DATABASE_URL. */
  url: string
  stop(): Promise<void>
}

/**
 * Starts an empty Postgres on a free port, by default of the loopback. All clients may connect.
 * @throws Error when Postgres is not installed or does not start
 */
export async function startPostgres({ address, within } = here): Promise<TestPostgres> {
  const programs = programsDir()
  const directory = makeTempDir()
  const data = join(directory.path, 'data')
  const user = unprivilegedUser()
  if (user) chownSync(directory.path, user.uid, user.gid)
  const initdb = ['-D', data, '-U', 'nowcast', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  execFileSync(join(programs, 'initdb'), initdb, { ...user, cwd: directory.path, stdio: 'pipe' })

  appendFileSync(join(data, 'pg_hba.conf'), 'host all all 0.0.0.0/0 trust\n')

  const port = await freePort()
  const [program, ...args] = within(
    ...asUser(user, join(programs, 'postgres'), [
      ...['-D', data, '-k', directory.path, '-h', address, '-p', String(port)],
      ...['-c', 'fsync=off', '-c', 'shared_buffers=16MB'],
    ]),
  )
  const server = startProcess(program, args, { cwd: directory.path })
  await server.line(/ready to accept connections/, 20_000)
  return {
    url: `postgres://nowcast@${address}:${port}/postgres`,
    async stop() {
      // SIGINT is Postgres' fast shutdown, which disconnects clients.
      await server.stop('SIGINT')
      directory.remove()
    },
  }
}

/** Returns the command that runs a program as a user, as the same process. */
const asUser = (
  user: { uid: number; gid: number } | undefined,
  program: string,
  args: readonly string[],
): [string, readonly string[]] =>
  user === undefined
    ? [program, args]
    : ['setpriv', [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', program, ...args]]

/**
 * Returns the folder of the server's programs. Debian does not put it on the PATH.
 * @throws Error when no folder has them
 */
function programsDir(): string {
  const server = process.env.NOWCAST_POSTGRES
  const folders = server ? [dirname(server)] : [...debianFolders(), ...(process.env.PATH ?? '').split(':')]
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')))
  if (found !== undefined) return found
  throw new Error(
    server
      ? `NOWCAST_POSTGRES is ${server}, but there is no initdb beside it`
      : 'Postgres is not installed. `npm test` installs it; NOWCAST_POSTGRES can name its server program',
  )
}

/** Returns the program folders of all Postgres versions that Debian has installed, the newest first. */
function debianFolders(): string[] {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(root, version, 'bin'))
}

/** Returns the user that runs Postgres when this process is root: Postgres refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
