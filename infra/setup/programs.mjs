import { existsSync, readdirSync } from 'node:fs'
import { isExecutable, pathsOf } from '../../core/programs/executables.mjs'

/**
 * @typedef {object} Program
 * @property {string} name as users know it
 * @property {readonly string[]} commands names on the PATH; one is enough
 * @property {readonly string[]} [places] other paths where it may be; one folder name may contain a `*`
 * @property {string} apt package on Debian and Ubuntu
 * @property {string} [service] service that the package brings, and that nowcast does not use
 * @property {readonly string[]} brew arguments of `brew install`
 */

/** @satisfies {Record<string, Program>} */
export const programs = {
  ffmpeg: { name: 'ffmpeg', commands: ['ffmpeg'], apt: 'ffmpeg', brew: ['ffmpeg'] },
  redis: {
    name: 'redis-server',
    commands: ['redis-server'],
    apt: 'redis-server',
    service: 'redis-server',
    brew: ['redis'],
  },
  chromium: {
    name: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    apt: 'chromium',
    brew: ['--cask', 'chromium'],
  },
  postgres: {
    name: 'postgresql',
    commands: ['postgres'],
    places: ['/usr/lib/postgresql/*/bin/postgres', '/opt/homebrew/opt/postgresql@*/bin/postgres'],
    apt: 'postgresql',
    service: 'postgresql',
    brew: ['postgresql@17'],
  },
  nginx: {
    name: 'nginx',
    commands: ['nginx'],
    places: ['/usr/sbin/nginx'],
    apt: 'nginx-light',
    service: 'nginx',
    brew: ['nginx'],
  },
  haproxy: {
    name: 'haproxy',
    commands: ['haproxy'],
    places: ['/usr/sbin/haproxy'],
    apt: 'haproxy',
    service: 'haproxy',
    brew: ['haproxy'],
  },
  python: { name: 'python3', commands: ['python3'], apt: 'python3', brew: ['python'] },
  pip: { name: 'pip', commands: ['pip3'], apt: 'python3-pip', brew: ['python'] },
  caddy: { name: 'caddy', commands: ['caddy'], apt: 'caddy', service: 'caddy', brew: ['caddy'] },
}

/**
 * Searches the PATH, then the program's other places. Returns undefined when the program is not installed.
 * @param {Program} program
 * @returns {string | undefined}
 */
export function findProgram({ commands, places = [] }) {
  const onPath = commands.flatMap((command) => pathsOf(command, process.env.PATH))
  return [...onPath, ...places.flatMap(expand)].find(isExecutable)
}

/** Returns the environment by which tests and measurements find the programs that are installed. */
export const programVariables = () => ({
  NOWCAST_CHROMIUM: findProgram(programs.chromium),
  NOWCAST_POSTGRES: findProgram(programs.postgres),
  NOWCAST_NGINX: findProgram(programs.nginx),
  NOWCAST_HAPROXY: findProgram(programs.haproxy),
  NOWCAST_CADDY: findProgram(programs.caddy),
})

/**
 * Returns the paths that match a pattern, newest version first. One folder name may contain a `*`.
 * @param {string} pattern
 */
function expand(pattern) {
  const parts = pattern.split('/')
  const starred = parts.findIndex((part) => part.includes('*'))
  if (starred < 0) return [pattern]
  const parent = parts.slice(0, starred).join('/')
  const [before = '', after = ''] = (parts[starred] ?? '').split('*')
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => [parent, name, ...parts.slice(starred + 1)].join('/'))
}
