import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { recordOutput } from './run-record.ts'

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface TestProcess {
  /** -1 when the program could not be started. */
  pid: number
  /** The newest 5000 lines of stdout and stderr. */
  lines: readonly string[]
  /**
   * Returns the first line that matches, in `lines` or else in the output to come.
   * @throws Error when the process ends first, or after `timeoutMs` (by default 20 s)
   */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>
  exited: Promise<Exit>
  /**
   * Sends `signal` (by default SIGTERM) to this process only, and SIGKILL if it still runs after `graceMs`
   * (by default 5 s). Resolves when it has ended.
   */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<Exit>
  /** Sends a signal to this process only. */
  kill(signal: NodeJS.Signals): void
  /** Calls `listener` with each line from now on. */
  onLine(listener: (line: string) => void): void
}

const maxLines = 5000

/** Starts a program and reads its stdout and stderr line by line. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number } = {},
): TestProcess {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  const addLine = (line: string) => {
    if (lines.push(line) > maxLines) lines.shift()
    for (const listener of listeners) listener(line)
  }
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', addLine)
    // Other programs, such as an encoder with the stream key of its URL, write what they like.
    if (command === process.execPath) stream.on('data', recordOutput)
  }
  child.on('error', (error) => addLine(`cannot start ${command}: ${error.message}`))
  const exited = new Promise<Exit>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })

  const kill = (signal: NodeJS.Signals) => void child.kill(signal)
  return {
    pid: child.pid ?? -1,
    lines,
    exited,
    kill,
    onLine: (listener) => void listeners.add(listener),
    line(pattern, timeoutMs = 20_000) {
      const known = lines.find((line) => pattern.test(line))
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve, reject) => {
        const end = (act: () => void) => {
          listeners.delete(listener)
          clearTimeout(timer)
          act()
        }
        const fail = (why: string) =>
          end(() =>
            reject(
              new Error(`${command} ${why} before ${pattern}; it said:\n${lines.slice(-30).join('\n')}`),
            ),
          )
        const listener = (line: string) => {
          if (pattern.test(line)) end(() => resolve(line))
        }
        const timer = setTimeout(() => fail(`ran ${timeoutMs} ms`), timeoutMs)
        listeners.add(listener)
        void exited.then(() => fail('ended'))
      })
    },
    async stop(signal = 'SIGTERM', graceMs = 5000) {
      kill(signal)
      const timer = setTimeout(() => kill('SIGKILL'), graceMs)
      const exit = await exited
      clearTimeout(timer)
      return exit
    },
  }
}
