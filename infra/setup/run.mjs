import { spawn } from 'node:child_process'
import { withoutSecrets } from '../../core/programs/environment.mjs'

/** Maximum length of a command's output that is kept, characters. */
const maxOutputLength = 64 * 1024

/**
 * Runs a command, without secrets in its environment, and collects its output instead of printing it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ok: boolean, output: string}>} `ok`: whether the exit code was 0; `output`: the end of
 * stdout and stderr together
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const env = withoutSecrets(options.env ?? process.env)
    const child = spawn(command, args, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    /** @param {Buffer} data */
    const append = (data) => {
      output = (output + data).slice(-maxOutputLength)
    }
    child.stdout?.on('data', append)
    child.stderr?.on('data', append)
    child.on('error', (error) => resolve({ ok: false, output: error.message }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/** @param {string} output */
export function tailOf(output, lines = 20) {
  return output.trim().split('\n').slice(-lines).join('\n')
}

/**
 * Runs a command in place of this process: on the same terminal, with signals forwarded. The command has an
 * IPC channel, which closes when this process is killed, so that the command can end too.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {NodeJS.Signals} [interrupt] signal to send for a SIGINT; roles with an IPC channel ignore SIGINT
 * @returns {Promise<number>} the exit code; 130 after SIGINT, 1 after another signal
 */
export function runInstead(command, args, options, interrupt = 'SIGINT') {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
    process.on('SIGINT', () => child.kill(interrupt))
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'))
    whenNpmIsGone(() => child.kill('SIGTERM'))
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

/**
 * Calls `act` when npm has ended, if npm started this process. There is a shell between npm and this process.
 * A signal that ends the shell does not reach this process, which then gets another parent.
 * @param {() => void} act
 */
function whenNpmIsGone(act) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    act()
  }, 500).unref()
}
