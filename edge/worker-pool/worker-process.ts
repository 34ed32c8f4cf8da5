import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NowcastError } from '../../core/process/errors.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { type SharedLimits, workerEnvironment } from './settings.ts'

const main = fileURLToPath(new URL('../worker/main.ts', import.meta.url))

/** How a process ended. Both fields are null when it could not be started. */
interface ProcessExit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface WorkerProcess {
  readonly pid: number | undefined
  /** Resolves when the worker serves viewers. Rejects when it fails to start. */
  readonly ready: Promise<void>
  /** Resolves when the process has ended, or could not be started. */
  readonly exited: Promise<ProcessExit>
  send(message: ToWorker): void
}

/** Starts one worker. `onMessage` gets all messages but those about its start. */
export function startWorkerProcess(
  settings: SharedLimits,
  onMessage: (message: FromWorker) => void,
): WorkerProcess {
  const child = fork(main, {
    env: workerEnvironment(settings),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ready = Promise.withResolvers<void>()
  const exited = Promise.withResolvers<ProcessExit>()
  child.on('message', (message: FromWorker) => {
    if (message.type === 'ready') ready.resolve()
    else if (message.type === 'failed') ready.reject(new NowcastError('unavailable', message.message))
    else onMessage(message)
  })
  child.on('error', (error) => {
    ready.reject(error)
    if (child.pid === undefined) exited.resolve({ code: null, signal: null })
  })
  child.on('exit', (code, signal) => {
    const how = signal ?? code
    ready.reject(new NowcastError('unavailable', `a worker ended before it could serve viewers (${how})`))
    exited.resolve({ code, signal })
  })
  return {
    pid: child.pid,
    ready: ready.promise,
    exited: exited.promise,
    send(message) {
      // A worker that is ending may not receive the message. That needs no handling, because its exit is
      // reported.
      if (child.connected) child.send(message, () => {})
    },
  }
}
