import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createHangWatch } from '../../core/mechanisms/hang-watch.ts'
import { NowcastError } from '../../core/process/errors.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { type SharedLimits, type WorkerSecrets, workerEnvironment } from './settings.ts'

const main = fileURLToPath(new URL('../worker/main.ts', import.meta.url))

/** How a process ended. Code and signal are null when it could not be started. */
interface ProcessExit {
  code: number | null
  signal: NodeJS.Signals | null
  /** Whether the process was killed because its event loop stood still. */
  hasHung: boolean
}

export interface WorkerProcess {
  readonly pid: number | undefined
  /** Resolves when the worker serves viewers. Rejects when it fails to start. */
  readonly ready: Promise<void>
  /** Resolves when the process has ended, or could not be started. */
  readonly exited: Promise<ProcessExit>
  send(message: ToWorker): void
}

interface WorkerOptions {
  /** Time after which a worker whose event loop stands still is killed, ms; 0: never. */
  hangMs: number
  /** Called with each message except `ready`, `failed` and `alive`, which are handled here. */
  onMessage(message: FromWorker): void
}

/** Starts one worker as a child process with its own share of the settings. */
export function startWorkerProcess(
  settings: SharedLimits & WorkerSecrets,
  { hangMs, onMessage }: WorkerOptions,
): WorkerProcess {
  const child = fork(main, {
    env: workerEnvironment(settings),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { keys, redisUrl } = settings
  child.send({ keys, redisUrl } satisfies WorkerSecrets, () => {})
  // A worker that is ending may not receive the message. That is no error: the pool handles its exit.
  const send = (message: ToWorker) => void (child.connected && child.send(message, () => {}))
  const watch = createHangWatch({
    ask: () => send({ type: 'ask' }),
    kill: () => void child.kill('SIGKILL'),
    limitMs: hangMs,
  })
  const ready = Promise.withResolvers<void>()
  const exited = Promise.withResolvers<ProcessExit>()
  child.on('message', (message: FromWorker) => {
    if (message.type === 'alive') watch.answered()
    else if (message.type === 'ready') {
      watch.begin()
      ready.resolve()
    } else if (message.type === 'failed') ready.reject(new NowcastError('unavailable', message.message))
    else onMessage(message)
  })
  child.on('error', (error) => {
    ready.reject(error)
    if (child.pid === undefined) exited.resolve({ code: null, signal: null, hasHung: false })
  })
  child.on('exit', (code, signal) => {
    const how = signal ?? code
    ready.reject(new NowcastError('unavailable', `a worker ended before it could serve viewers (${how})`))
    watch.end()
    exited.resolve({ code, signal, hasHung: watch.hasHung })
  })
  return {
    pid: child.pid,
    ready: ready.promise,
    exited: exited.promise,
    send,
  }
}
