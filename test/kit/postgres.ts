import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from './ports.ts'
import { startProcess } from './processes.ts'
import { makeTempDir } from './temp-dir.ts'

export interface TestPostgres {
  /** What goes into DATABASE_URL. */
  url: string
  stop(): Promise<void>
}

/** A real, empty Postgres of one test on a free loopback port. @throws Error when Postgres is not installed. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = programsDir()
  const directory = makeTempDir()
  const data = join(directory.path, 'data')
  const user = unprivilegedUser()
  if (user) chownSync(directory.path, user.uid, user.gid)
  const initdb = ['-D', data, '-U', 'nowcast', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  execFileSync(join(programs, 'initdb'), initdb, { ...user, cwd: directory.path, stdio: 'pipe' })

  const port = await freePort()
  const server = startProcess(
    join(programs, 'postgres'),
    [
      ...['-D', data, '-k', directory.path, '-h', '127.0.0.1', '-p', String(port)],
      ...['-c', 'fsync=off', '-c', 'shared_buffers=16MB'],
    ],
    { ...user, cwd: directory.path },
  )
  await server.line(/ready to accept connections/, 20_000)
  return {
    url: `postgres://nowcast@127.0.0.1:${port}/postgres`,
    async stop() {
      // SIGINT is Postgres' fast shutdown: clients are cut.
      await server.stop('SIGINT')
      directory.remove()
    },
  }
}

/** Where the server's programs lie: Debian keeps them off the PATH. */
function programsDir(): string {
  const told = process.env.NOWCAST_POSTGRES
  if (told) return dirname(told)
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const found = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ].find((folder) => existsSync(join(folder, 'initdb')))
  if (found === undefined) throw new Error('Postgres is not installed; `npm test` installs it')
  return found
}

/** Postgres refuses to run as root: there its own user is taken. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
