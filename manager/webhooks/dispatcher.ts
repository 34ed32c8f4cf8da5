import { createPoll } from '../../core/mechanisms/poll.ts'
import { reportFailures } from '../../core/mechanisms/report-failures.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Deliver } from './delivery.ts'
import type { DeliveryStore, Lane } from './delivery-store.ts'

interface Queue {
  add(lane: Lane): Promise<boolean>
  close(): Promise<void>
}

export interface DispatcherDependencies {
  deliveries: Pick<DeliveryStore, 'due'>
  deliver: Deliver
  /** Creates the queue when there is something to deliver for the first time. */
  openQueue(run: (lane: Lane) => Promise<void>): Queue
  log: Log
  now?: () => number
}

/** Time between two checks for what is due, ms. */
const checkEveryMs = 1000
/** Minimum time between two checks that were asked for, ms. */
const checkGapMs = 50
/**
 * Maximum number of lanes of one webhook that are worked on at a time, so that a slow endpoint delays itself
 * only.
 */
const maxPerWebhook = 4
/**
 * Time after which this process works on a lane that is due without the queue, ms: the manager that took its
 * job may be dead, which the queue notices later.
 */
const overdueMs = 2000
/** Maximum number of lanes that this process works on without the queue. */
const maxWithoutQueue = 50

/**
 * Finds the lanes that are due and queues them for the managers. While Redis is away, this process works on
 * them itself. Leases in the database keep two managers apart.
 */
export function createDispatcher(dependencies: DispatcherDependencies) {
  const { deliveries, deliver, openQueue, log, now = Date.now } = dependencies
  const closing = new AbortController()
  const running = new Set<Promise<void>>()
  let queue: Queue | undefined

  function run(lane: Lane): Promise<void> {
    const done = deliver(lane, closing.signal)
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'webhook delivery interrupted'))
      .finally(() => {
        running.delete(done)
        poll.soon()
      })
    running.add(done)
    return done
  }

  async function dispatch() {
    const lanes = await deliveries.due(now(), maxPerWebhook)
    if (lanes.length === 0) return
    queue ??= openQueue(run)
    const { add } = queue
    await Promise.all(
      lanes.map(async ({ dueAt, ...lane }) => {
        const isOverdue = now() - dueAt > overdueMs
        if (!isOverdue && (await add(lane))) return
        if (running.size < maxWithoutQueue && !closing.signal.aborted) void run(lane)
      }),
    )
  }

  const poll = createPoll(reportFailures(dispatch, log, 'webhook deliveries not readable'), {
    everyMs: checkEveryMs,
    gapMs: checkGapMs,
  })

  return {
    /** Asks for a check, because there may be new deliveries. */
    soon: poll.soon,
    /** Ends the attempts in progress, which do not count. */
    async close(): Promise<void> {
      closing.abort()
      await poll.close()
      await Promise.all(running)
      await queue?.close()
    },
  }
}
