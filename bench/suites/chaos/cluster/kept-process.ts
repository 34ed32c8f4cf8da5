import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startProcess, type TestProcess } from '../../../../test/kit/processes.ts'
import type { NetworkNode } from '../../../stand/namespaces.ts'

export interface KeptOptions {
  node: NetworkNode
  /** Called before each start. Returns the program and its arguments. */
  command(): readonly string[] | Promise<readonly string[]>
  env: NodeJS.ProcessEnv
  /** Returns the time from the end of the process to its next start, ms. */
  restartMs(): number
  /** Resolves when the process can do its work. Rejects while it cannot. */
  isReady(): Promise<unknown>
  /** Folder for the output of the process; undefined: it is not kept. */
  logs: string | undefined
}

/** A process in a namespace, which is started again whenever it ends, as a service manager does. */
export interface KeptProcess {
  name: string
  node: NetworkNode
  /** Id of the present process, or of the newest one. */
  readonly pid: number
  readonly isRunning: boolean
  /** Number of times that it was started. */
  readonly starts: number
  signal(signal: NodeJS.Signals): void
  isReady(): Promise<boolean>
  /** Ends the process, and does not start it again. Sends SIGKILL after `graceMs`. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>
}

/** Starts a process, and again whenever it has ended. */
export async function keepRunning(options: KeptOptions): Promise<KeptProcess> {
  const { node, env, restartMs, logs } = options
  const log = logs === undefined ? undefined : createWriteStream(join(logs, `${node.name}.log`))
  const stopping = new AbortController()
  let starts = 0
  let present = await start()
  let isRunning = true
  const watching = watch()

  async function start(): Promise<TestProcess> {
    const [program = '', ...args] = await options.command()
    starts += 1
    const [enter, ...more] = node.within(program, args)
    const started = startProcess(enter, more, { env })
    if (log !== undefined) copyOutput(started, log)
    return started
  }

  async function watch() {
    while (!stopping.signal.aborted) {
      await present.exited
      isRunning = false
      log?.write(`${new Date().toISOString()} bench: the process ended\n`)
      await delay(restartMs(), undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      await start().then(
        (started) => {
          present = started
          isRunning = true
        },
        // The loop waits again: what the command depends on may be back then.
        () => {},
      )
    }
  }

  return {
    ...{ name: node.name, node },
    get pid() {
      return present.pid
    },
    get isRunning() {
      return isRunning
    },
    get starts() {
      return starts
    },
    signal: (signal) => present.kill(signal),
    isReady: async () =>
      isRunning &&
      (await options.isReady().then(
        () => true,
        () => false,
      )),
    async stop(signal, graceMs) {
      stopping.abort()
      // A process that is frozen must run to see another signal.
      present.kill('SIGCONT')
      await present.stop(signal, graceMs)
      await watching
      log?.end()
    },
  }
}

/** Writes each line of a process to its log, with the time at which it came. */
function copyOutput(started: TestProcess, log: WriteStream) {
  started.onLine((line) => void log.write(`${new Date().toISOString()} ${line}\n`))
}
