import { setTimeout as delay } from 'node:timers/promises'
import { createBackoff } from '../../core/mechanisms/backoff.ts'
import type { Log } from '../../core/process/log.ts'
import { newRegistry } from '../../core/process/metrics.ts'
import type { ExperienceDelta } from '../experience/experience-notes.ts'
import type { OverloadControl } from '../overload/overload-control.ts'
import { combineLoads, type ProcessLoad } from '../overload/process-load.ts'
import type { Viewers } from '../viewers/viewers.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { createMetricsGatherer } from './metrics-gatherer.ts'
import { type SharedLimits, shareOf, type WorkerSecrets } from './settings.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

/** Delays before a worker that ended is replaced, ms. Each early end doubles the next delay. */
const restartDelays = { firstMs: 100, maxMs: 5000 }
/** Run time from which the end of a worker does not count as early, and resets the delays, ms. */
const earlyMs = 10_000

export interface WorkerPoolOptions {
  count: number
  /** Time after which a worker whose event loop stands still is killed, ms; 0: never. */
  hangMs: number
  /** Counts the viewers of all workers. */
  viewers: Pick<Viewers, 'recordView'>
  /** Overload control for all workers together, because a viewer may be connected to several. */
  overload: Pick<OverloadControl, 'state' | 'update'>
  now: () => number
}

/**
 * Serves viewers in `count` processes that share one port, and replaces those that end. If one of the first
 * workers does not start, ends all of them and rejects.
 */
export async function startWorkerPool(
  log: Log,
  settings: SharedLimits & WorkerSecrets,
  options: WorkerPoolOptions,
) {
  const { count, hangMs, overload, now } = options
  const processes = new Set<WorkerProcess>()
  /** Workers that serve viewers. `processes` also contains those that are starting or ending. */
  const workers = new Set<WorkerProcess>()
  const closing = new AbortController()
  const inbox = createInbox(workers, log, options)

  /** Starts a worker, and replaces it whenever it ends. Resolves when the first one serves viewers. */
  function keepOneRunning(index: number, backoff = createBackoff(restartDelays)): Promise<void> {
    const startedAt = now()
    const worker = startWorkerProcess(shareOf(settings, count, index), {
      hangMs,
      onMessage: (message) => inbox.receive(worker, message),
    })
    processes.add(worker)
    void worker.exited.then(async ({ code, signal, hasHung }) => {
      processes.delete(worker)
      workers.delete(worker)
      inbox.forget(worker)
      if (closing.signal.aborted) return
      if (now() - startedAt >= earlyMs) backoff.reset()
      const pauseMs = backoff.next()
      const how = hasHung ? { reason: 'its event loop stood still' } : { code, signal }
      log.warn({ pid: worker.pid, ...how, pauseMs }, 'worker ended, starting another')
      const isOver = await delay(pauseMs, false, { signal: closing.signal }).catch(() => true)
      if (isOver) return
      keepOneRunning(index, backoff).catch((error: unknown) =>
        log.warn({ err: error }, 'worker did not start'),
      )
    })
    return worker.ready.then(() => {
      workers.add(worker)
      worker.send({ type: 'overload', state: overload.state })
    })
  }

  async function close(how: 'retire' | 'end') {
    closing.abort()
    await Promise.all(
      [...processes].map((worker) => {
        worker.send({ type: how === 'end' ? 'stop' : 'retire' })
        return worker.exited
      }),
    )
  }

  await Promise.all(Array.from({ length: count }, (_, index) => keepOneRunning(index))).catch(
    async (error) => {
      await close('end')
      throw error
    },
  )
  return { close, metrics: inbox.metrics, takeExperience: inbox.takeExperience }
}

/** Creates the receiver of the messages of all workers. It combines what they report. */
function createInbox(workers: ReadonlySet<WorkerProcess>, log: Log, options: WorkerPoolOptions) {
  const { viewers, overload, now } = options
  const loads = new Map<WorkerProcess, ProcessLoad>()
  /** Metrics of the process that started the workers. */
  const metrics = newRegistry('edge')
  let experience: ExperienceDelta = []

  const sendToAll = (message: ToWorker, except?: WorkerProcess) => {
    for (const worker of workers) if (worker !== except) worker.send(message)
    return workers.size
  }
  const gatherer = createMetricsGatherer(sendToAll, metrics)

  function updateLoad(worker: WorkerProcess, load: ProcessLoad) {
    loads.set(worker, load)
    const before = overload.state
    overload.update(combineLoads(loads.values()), now())
    if (overload.state !== before) sendToAll({ type: 'overload', state: overload.state })
  }

  async function gatherMetrics(worker: WorkerProcess, id: number) {
    try {
      worker.send({ type: 'gathered_metrics', id, text: await gatherer.gather() })
    } catch (error) {
      log.warn({ err: error }, 'cannot aggregate the metrics of workers')
    }
  }

  return {
    metrics,

    receive(worker: WorkerProcess, message: FromWorker): void {
      if (message.type === 'views') {
        for (const [slug, views] of message.views)
          for (const [viewer, connection] of views) viewers.recordView(slug, viewer, connection, now())
      } else if (message.type === 'experience') experience = experience.concat(message.delta)
      else if (message.type === 'load') updateLoad(worker, message.load)
      else if (message.type === 'joined') sendToAll(message, worker)
      else if (message.type === 'metrics') gatherer.receive(message.id, message.metrics)
      else if (message.type === 'gather_metrics') void gatherMetrics(worker, message.id)
    },

    /** To be called when a worker has ended, so that its load no longer counts. */
    forget: (worker: WorkerProcess): void => void loads.delete(worker),

    /** Returns what players reported to any worker since the last call. A channel may occur several times. */
    takeExperience(): ExperienceDelta {
      const taken = experience
      experience = []
      return taken
    },
  }
}
