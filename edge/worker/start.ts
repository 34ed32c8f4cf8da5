import type { MetricsText } from '../../core/process/http-server.ts'
import type { Log } from '../../core/process/log.ts'
import type { RunningRole } from '../../core/process/role.ts'
import { noOverload } from '../overload/overload-control.ts'
import { type ServingSettings, startServing } from '../wire.ts'
import type { FromWorker, ToWorker } from '../worker-pool/messages.ts'
import { createRecentViews } from '../worker-pool/recent-views.ts'

export interface WorkerSettings extends ServingSettings {
  logLevel: string
}

/** Time between two reports of views, experience and new viewers, ms. */
const reportEveryMs = 500

/** Maximum time to wait for the metrics of all workers, ms. */
const gatherMs = 2000

const now = () => performance.now()
const send = (message: FromWorker) => void process.send?.(message)

/** Serves viewers in this process, which is one of several that share a port. */
export async function startWorker(log: Log, settings: WorkerSettings): Promise<RunningRole> {
  const views = createRecentViews()
  /** Set by messages of the process that started this one, so that all workers apply the same step. */
  const overload = { state: noOverload }
  let joined: number[] = []
  const poolMetrics = createPoolMetrics()

  const serving = await startServing(log, settings, {
    residentBytes: () => process.memoryUsage.rss(),
    viewers: views,
    overload,
    onLoad: (load) => send({ type: 'load', load }),
    onNewViewer: (viewer) => void joined.push(viewer),
    now,
    metricsText: poolMetrics.text,
  })

  const onMessage = (message: ToWorker) => {
    // `runRole` handles these messages.
    if (message.type === 'stop' || message.type === 'retire' || message.type === 'ask') return
    if (message.type === 'overload') overload.state = message.state
    else if (message.type === 'joined') serving.recordElsewhere(message.viewers)
    else if (message.type === 'gathered_metrics') poolMetrics.receive(message.id, message.text)
    else {
      const { id } = message
      void serving.metrics.getMetricsAsJSON().then((metrics) => send({ type: 'metrics', id, metrics }))
    }
  }
  process.on('message', onMessage)
  const timer = setInterval(() => {
    const recent = views.takeAll()
    if (recent.length > 0) send({ type: 'views', views: recent })
    const delta = serving.takeExperience()
    if (delta.length > 0) send({ type: 'experience', delta })
    if (joined.length > 0) send({ type: 'joined', viewers: joined })
    joined = []
  }, reportEveryMs)

  return {
    ready: { port: serving.port },
    // A service manager such as systemd sends SIGTERM to all processes. Only the process that started this
    // one knows when the viewers have left, and then sends `stop`, which aborts `signal`.
    drain: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve())
      }),
    retire: () => serving.close('retire'),
    async close() {
      clearInterval(timer)
      process.off('message', onMessage)
      await serving.close('end')
    },
  }
}

/**
 * Creates a source of the metrics of all workers. It requests them from the process that started this one,
 * whose response must be passed to `receive`.
 */
function createPoolMetrics() {
  const requests = new Map<number, (text: string) => void>()
  let lastId = 0

  function gather(): Promise<string> {
    lastId += 1
    const id = lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        requests.delete(id)
        reject(new Error('the metrics of the workers were not gathered in time'))
      }, gatherMs)
      requests.set(id, (text) => {
        requests.delete(id)
        clearTimeout(timer)
        resolve(text)
      })
      send({ type: 'gather_metrics', id })
    })
  }

  const text: MetricsText = { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: gather }
  return { text, receive: (id: number, text: string): void => requests.get(id)?.(text) }
}
