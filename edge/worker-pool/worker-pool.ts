import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { newRegistry } from '../../core/process/metrics.ts'
import type { ExperienceNews } from '../experience/experience-notes.ts'
import type { Admission, Gate } from '../overload/overload-control.ts'
import { combine, type Load } from '../overload/process-load.ts'
import type { Viewers } from '../viewers/viewers.ts'
import { createFigureGatherer } from './figures.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { type WorkerSettings, workerEnvironment } from './settings.ts'

const main = fileURLToPath(new URL('../worker/main.ts', import.meta.url))

/** A worker that ends is replaced after this time, ms; after twice as long each time it ends soon again, up to the longest. */
const [shortestPauseMs, longestPauseMs, soonMs] = [100, 5000, 10_000]

export interface WorkersOptions {
  count: number
  /** Told of every viewer that any worker saw. */
  viewers: Pick<Viewers, 'saw'>
  /** Decides for all workers. */
  admission: Admission
  now: () => number
}

/** Limits of one worker, so that all together hold those of the edge. */
export function shareOf(settings: WorkerSettings, count: number): WorkerSettings {
  const { cacheMb, maxConnections, maxConnectionsPerAddress, maxWaiting } = settings
  return {
    ...settings,
    cacheMb: Math.max(1, Math.floor(cacheMb / count)),
    maxConnections: Math.ceil(maxConnections / count),
    maxConnectionsPerAddress: Math.ceil(maxConnectionsPerAddress / count),
    maxWaiting: Math.ceil(maxWaiting / count),
  }
}

/** Serves viewers in `count` processes on one port and replaces those that end. */
export async function startWorkers(
  log: Log,
  given: WorkerSettings,
  { count, viewers, admission, now }: WorkersOptions,
) {
  const settings = shareOf(given, count)
  const processes = new Set<ChildProcess>()
  /** Those that serve. */
  const workers = new Set<ChildProcess>()
  const loads = new Map<ChildProcess, Load>()
  const timers = new Set<NodeJS.Timeout>()
  /** Of this process alone. */
  const metrics = newRegistry('edge')
  let isClosing = false
  let news: ExperienceNews = []

  const gatherer = createFigureGatherer((message) => {
    for (const worker of workers) tell(worker, message)
    return workers.size
  }, metrics)

  const gateNow = (): Gate => ({ step: admission.step, letsIn: admission.letsIn })

  function takeLoad(worker: ChildProcess, load: Load) {
    loads.set(worker, load)
    const before = gateNow()
    admission.take(combine(loads.values()), now())
    const gate = gateNow()
    if (gate.step === before.step && gate.letsIn === before.letsIn) return
    for (const each of workers) tell(each, { type: 'gate', gate })
  }

  function hear(worker: ChildProcess, message: FromWorker) {
    if (message.type === 'seen') {
      for (const [slug, seen] of message.viewers)
        for (const [id, where] of seen) viewers.saw(slug, id, where, now())
    } else if (message.type === 'experience') news = news.concat(message.news)
    else if (message.type === 'load') takeLoad(worker, message.load)
    else if (message.type === 'joined') {
      for (const other of workers) if (other !== worker) tell(other, message)
    } else if (message.type === 'figures') gatherer.answer(message.id, message.figures)
    else if (message.type === 'gather') {
      const { id } = message
      gatherer.gather().then(
        (text) => tell(worker, { type: 'gathered', id, text }),
        (error: unknown) => log.warn({ err: error }, 'figures of workers cannot be summed up'),
      )
    }
  }

  /** Resolves when it serves. */
  function start(pauseMs: number): Promise<void> {
    const worker = fork(main, {
      env: workerEnvironment(settings),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    processes.add(worker)
    const startedAt = now()
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'ready') {
          workers.add(worker)
          tell(worker, { type: 'gate', gate: gateNow() })
          resolve()
        } else if (message.type === 'failed') reject(new NowcastError('unavailable', message.message))
        else hear(worker, message)
      })
      worker.on('error', reject)
      worker.on('exit', (code, signal) => {
        workers.delete(worker)
        loads.delete(worker)
        processes.delete(worker)
        reject(new NowcastError('unavailable', `a worker ended before it served (${signal ?? code})`))
        if (isClosing) return
        const next = now() - startedAt < soonMs ? Math.min(2 * pauseMs, longestPauseMs) : shortestPauseMs
        log.warn({ pid: worker.pid, code, signal, pauseMs: next }, 'a worker ended, starting another')
        const timer = setTimeout(() => {
          timers.delete(timer)
          start(next).catch((error: unknown) => log.warn({ err: error }, 'a worker did not start'))
        }, next)
        timers.add(timer)
      })
    })
  }

  async function close() {
    isClosing = true
    for (const timer of timers) clearTimeout(timer)
    await Promise.all(
      [...processes].map((worker) => {
        const ended = new Promise((resolve) => worker.once('exit', resolve))
        tell(worker, { type: 'stop' })
        return ended
      }),
    )
  }

  await Promise.all(Array.from({ length: count }, () => start(shortestPauseMs))).catch(async (error) => {
    await close()
    throw error
  })
  return {
    close,
    metrics,
    /** What players told any worker since the last call, by channel. */
    takeNews(): ExperienceNews {
      const taken = news
      news = []
      return taken
    },
  }
}

function tell(worker: ChildProcess, message: ToWorker) {
  // One that is just ending does not hear it any more, which its end tells soon enough.
  if (worker.connected) worker.send(message, () => {})
}
