#!/usr/bin/env node
import { roleProcessOf } from '../core/process/role-process.mjs'
import { nodeEnvironment } from './setup/node.mjs'
import { inRoot } from './setup/paths.mjs'
import { programs } from './setup/programs.mjs'
import { runInstead } from './setup/run.mjs'
import { enter } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'
import { chooseUser } from './setup/user.mjs'

/** System programs that each role needs. @type {Record<string, import('./setup/programs.mjs').Program[]>} */
const needs = { ingest: [], transcoder: [programs.ffmpeg], edge: [], manager: [] }

const help = `nowcast ROLE          runs one role of nowcast on this machine, for an instance on several machines
nowcast backup FILE   backs up channels, keys, history and secrets to a new file, also while nowcast runs
nowcast restore FILE  restores a backup into an empty data dir
nowcast roll          replaces the roles that \`npm start\` runs here, one after another, under a live show

  ingest        accepts RTMP from publishers
  transcoder    encodes the renditions and serves them to edges
  edge          serves viewers
  manager       channels, stream keys, sessions, console, watch page

All roles meet at REDIS_URL and share NOWCAST_CLUSTER_SECRET (edges may have NOWCAST_EDGE_SECRET instead);
docs/settings.md has all settings.
\`npm start\` runs all four together on one machine.
`

// Entry point of `npx nowcast`, which runs one role alone, or backs up and restores the data dir.
await enter(async () => {
  const [command, ...more] = process.argv.slice(2)
  if (command === '--help' || command === '-h' || command === 'help') {
    process.stdout.write(help)
    return 0
  }
  if (command === 'backup' || command === 'restore') return keep(command, more)
  if (command === 'roll' && more.length === 0) return roll()
  return runRole(command, more)
})

/** Asks the instance on this machine to replace its roles. Returns the exit code. */
async function roll() {
  const node = await setUp([], { player: true })
  return runInstead(node, [inRoot('infra', 'roll', 'main.ts')], { env: nodeEnvironment() })
}

/**
 * Backs up to a file or restores from it. Returns the exit code.
 * @param {'backup' | 'restore'} command
 * @param {readonly string[]} files
 */
async function keep(command, files) {
  if (files.length !== 1 || files[0]?.startsWith('-')) {
    process.stderr.write(`nowcast: ${command} needs one file (see nowcast --help)\n`)
    return 2
  }
  const node = await setUp([], { player: false })
  return runInstead(node, [inRoot('infra', 'backup', 'main.ts'), command, ...files], {
    env: nodeEnvironment(),
  })
}

/**
 * Runs a role until it ends. Returns its exit code.
 * @param {string | undefined} role
 * @param {readonly string[]} more
 */
async function runRole(role, more) {
  const programsOfRole = role === undefined || more.length > 0 ? undefined : needs[role]
  if (programsOfRole === undefined) {
    const problem = role === undefined ? 'which role?' : `there is no role "${[role, ...more].join(' ')}";`
    process.stderr.write(
      `nowcast: ${problem} it is one of ${Object.keys(needs).join(', ')} (see nowcast --help)\n`,
    )
    return 2
  }
  const node = await setUp(programsOfRole, { player: role === 'manager' })
  const roleProcess = roleProcessOf(`${role}`)
  const env = { ...roleProcess.environment, ...nodeEnvironment() }
  const user = await chooseUser(node, process.cwd())
  const args = [...roleProcess.arguments, inRoot(`${role}`, 'main.ts')]
  return runInstead(node, args, { ...user, env }, 'SIGTERM')
}
