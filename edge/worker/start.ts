import type { Log } from '../../core/process/log.ts'
import type { RunningRole } from '../../core/process/role.ts'
import { type Gate, openGate } from '../overload/overload-control.ts'
import { startServing } from '../wire.ts'
import type { FromWorker, ToWorker } from '../worker-pool/messages.ts'
import type { WorkerSettings } from '../worker-pool/settings.ts'
import { createSightings } from '../worker-pool/sightings.ts'

/** How often it is told who was seen, ms; well below the window in which viewers count. */
const tellEveryMs = 500

/** Figures of all workers must be together after so long, ms. */
const gatherMs = 2000

const now = () => performance.now()
const tell = (message: FromWorker) => void process.send?.(message)

/** One of the processes that serve viewers on a shared port. */
export async function startWorker(log: Log, settings: WorkerSettings): Promise<RunningRole> {
  const sightings = createSightings()
  /** Decided by the process that started this one, so that all workers do the same: a viewer may be connected to several. */
  let gate: Gate = openGate
  let joined: number[] = []
  const gathering = new Map<number, (text: string) => void>()
  let asked = 0

  const serving = await startServing(log, settings, {
    residentBytes: () => process.memoryUsage.rss(),
    viewers: sightings,
    gate: {
      get step() {
        return gate.step
      },
      get letsIn() {
        return gate.letsIn
      },
    },
    onLoad: (load) => tell({ type: 'load', load }),
    onNewViewer: (viewer) => void joined.push(viewer),
    now,
    metricsText: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      metrics: () =>
        new Promise((resolve, reject) => {
          asked += 1
          const id = asked
          const timer = setTimeout(() => {
            gathering.delete(id)
            reject(new Error('the figures of the workers did not come together'))
          }, gatherMs)
          gathering.set(id, (text) => {
            clearTimeout(timer)
            resolve(text)
          })
          tell({ type: 'gather', id })
        }),
    },
  })

  const onMessage = (message: ToWorker) => {
    // `stop` is heard by whoever runs the role.
    if (message.type === 'stop') return
    if (message.type === 'gate') gate = message.gate
    else if (message.type === 'joined')
      for (const viewer of message.viewers) serving.audience.learn(viewer, now())
    else if (message.type === 'gathered') {
      gathering.get(message.id)?.(message.text)
      gathering.delete(message.id)
    } else {
      const { id } = message
      void serving.metrics.getMetricsAsJSON().then((figures) => tell({ type: 'figures', id, figures }))
    }
  }
  process.on('message', onMessage)
  const timer = setInterval(() => {
    const viewers = sightings.take()
    if (viewers.length > 0) tell({ type: 'seen', viewers })
    const news = serving.takeNews()
    if (news.length > 0) tell({ type: 'experience', news })
    if (joined.length > 0) tell({ type: 'joined', viewers: joined })
    joined = []
  }, tellEveryMs)

  return {
    ready: { port: serving.port },
    // A service manager tells all processes to end: only the one that started this one knows when the viewers have gone.
    drain: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve())
      }),
    async close() {
      clearInterval(timer)
      process.off('message', onMessage)
      await serving.close()
    },
  }
}
