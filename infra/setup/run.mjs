import { spawn } from 'node:child_process'

const keptOutput = 64 * 1024

/**
 * Runs a command without showing what it prints.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ok: boolean, output: string}>} both outputs together, the newest 64 KiB
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    /** @param {Buffer} data */
    const take = (data) => {
      output = (output + data).slice(-keptOutput)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.on('error', (error) => resolve({ ok: false, output: error.message }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/** The last lines of an output. @param {string} output */
export function tailOf(output, lines = 20) {
  return output.trim().split('\n').slice(-lines).join('\n')
}

/**
 * Runs a command in the place of this process: same terminal, signals passed on, and it is told (IPC disconnect) when
 * this process is killed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {NodeJS.Signals} [interrupt] what the child is sent for SIGINT: roles leave that to whoever started them
 * @returns {Promise<number>} its exit code
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
 * npm puts a shell between itself and what it runs, which passes no signal on but ends: then the parent is another.
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
