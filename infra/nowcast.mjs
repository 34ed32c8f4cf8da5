#!/usr/bin/env node
import { roleProcessOf } from '../core/process/role-process.mjs'
import { nodeEnvironment } from './setup/node.mjs'
import { inRoot } from './setup/paths.mjs'
import { programs } from './setup/programs.mjs'
import { runInstead } from './setup/run.mjs'
import { enter } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'

/** System programs that each role needs. @type {Record<string, import('./setup/programs.mjs').Program[]>} */
const needs = { ingest: [], transcoder: [programs.ffmpeg], edge: [], manager: [] }

const help = `nowcast ROLE    runs one role of nowcast on this machine, for an instance on several machines

  ingest        accepts RTMP from publishers
  transcoder    encodes the renditions and serves them to edges
  edge          serves viewers
  manager       channels, stream keys, sessions, console, watch page

All roles meet at REDIS_URL and share NOWCAST_CLUSTER_SECRET; docs/settings.md has all settings.
\`npm start\` runs all four together on one machine.
`

// Entry point of `npx nowcast ROLE`, which runs one role alone.
await enter(async () => {
  const [role, ...more] = process.argv.slice(2)
  if (role === '--help' || role === '-h' || role === 'help') {
    process.stdout.write(help)
    return 0
  }
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
  return runInstead(node, [...roleProcess.arguments, inRoot(`${role}`, 'main.ts')], { env }, 'SIGTERM')
})
