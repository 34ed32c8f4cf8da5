import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inRoot } from './paths.mjs'

/** Suites in the order in which they run. They run one after another because many tests measure time. */
const suites = ['unit', 'integration', 'browser']

/**
 * Runs the tests of all suites. Returns whether all passed, the numbers of tests that passed and failed, and
 * the number of `broken` files.
 * @param {string} node path of Node
 * @param {readonly string[]} filters parts of file names; none for all
 * @param {NodeJS.ProcessEnv} env
 */
export async function runSuites(node, filters, env) {
  const total = { ok: true, passed: 0, failed: 0, broken: 0 }
  const directory = mkdtempSync(join(tmpdir(), 'nowcast-test-'))
  try {
    for (const suite of suites) {
      const report = join(directory, `${suite}.json`)
      const ok = await runVitest(node, suite, report, filters, env)
      const { numPassedTests, numFailedTests, testResults } = existsSync(report)
        ? JSON.parse(readFileSync(report, 'utf8'))
        : { numPassedTests: 0, numFailedTests: 0, testResults: [] }
      total.ok &&= ok
      total.broken += testResults.filter(isBroken).length
      total.passed += numPassedTests
      total.failed += numFailedTests
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return total
}

/**
 * Whether a file failed although none of its tests did, for example in a hook.
 * @param {{ status: string, assertionResults: { status: string }[] }} file
 */
const isBroken = ({ status, assertionResults }) =>
  status === 'failed' && assertionResults.every((test) => test.status !== 'failed')

/**
 * @param {string} node @param {string} suite @param {string} report @param {readonly string[]} filters
 * @param {NodeJS.ProcessEnv} env @returns {Promise<boolean>}
 */
function runVitest(node, suite, report, filters, env) {
  const args = [
    ...[inRoot('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', suite, ...filters],
    ...['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report],
    ...(filters.length > 0 ? ['--passWithNoTests'] : []),
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd: inRoot(), env, stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0))
  })
}
