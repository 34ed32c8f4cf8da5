import { nodeEnvironment } from './node.mjs'
import { cacheDir, inRoot } from './paths.mjs'
import { runQuietly } from './run.mjs'
import { say } from './say.mjs'

/** Arguments of Node for each check. */
const checks = {
  types: [
    inRoot('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    '.',
    '--incremental',
    '--tsBuildInfoFile',
    `${cacheDir}/types`,
  ],
  lint: [inRoot('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
  boundaries: [
    inRoot('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    'unit',
    'test/boundaries.test.ts',
  ],
  unused: [inRoot('node_modules', 'knip', 'bin', 'knip.js'), '--no-progress'],
}

/**
 * Runs all checks at the same time and prints the output of those that fail. Resolves with whether all
 * passed.
 * @param {string} node path of Node
 */
export async function runChecks(node) {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, args]) => {
      const startedAt = performance.now()
      const { ok, output } = await runQuietly(node, args, { cwd: inRoot(), env: nodeEnvironment() })
      say(`${name} ${ok ? 'ok' : 'FAILED'} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
      if (!ok) process.stdout.write(`${output.trim()}\n`)
      return ok
    }),
  )
  return results.every((ok) => ok)
}
