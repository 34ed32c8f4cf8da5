import type { Log } from '../../core/process/log.ts'
import { Counter, type Registry } from '../../core/process/metrics.ts'
import { connectRedis } from '../../core/process/redis.ts'
import { createKeySeal } from '../channels/key-seal.ts'
import type { EventTail } from '../events/event-tail.ts'
import { createSweep } from '../retention/sweep.ts'
import type { Store } from '../store/store.ts'
import { createAddressPolicy } from './address-policy.ts'
import { createAttemptQueue } from './attempt-queue.ts'
import { createDeliver } from './delivery.ts'
import { createDeliveryLog } from './delivery-log.ts'
import { createDeliveryStore } from './delivery-store.ts'
import { createDispatcher } from './dispatcher.ts'
import { createPost } from './http-post.ts'
import { createWebhookService, type WebhookService } from './webhook-service.ts'
import { createWebhookStore } from './webhook-store.ts'

export interface WebhookDependencies {
  store: Store
  tail: Pick<EventTail, 'watch'>
  clusterSecret: string
  settings: {
    redisUrl: string
    /** Addresses and networks to which webhooks may connect besides public ones. */
    webhookNetworks: readonly string[]
  }
  metrics: Registry
  log: Log
}

/** Webhooks: their operations, and what delivers events to them. */
export interface Webhooks {
  service: WebhookService
  close(): Promise<void>
}

/** Time for which deliveries are kept, ms, and maximum number that one transaction removes. */
const [keptMs, batch] = [30 * 24 * 3_600_000, 500]

export function wireWebhooks(dependencies: WebhookDependencies): Webhooks {
  const { store, tail, clusterSecret, settings, metrics, log } = dependencies
  const { redisUrl: url, webhookNetworks: networks } = settings
  const { database, write } = store
  const webhooks = createWebhookStore(database, write)
  const deliveries = createDeliveryStore(database)
  const deliveryLog = createDeliveryLog(database, write)
  const seal = createKeySeal(clusterSecret, 'nowcast webhook secrets')
  const isPermitted = createAddressPolicy(networks)
  const post = createPost(isPermitted)
  const onAttempt = countAttempts(metrics)
  const dispatcher = createDispatcher({
    deliveries,
    deliver: createDeliver({ deliveries, webhooks, seal, post, onAttempt, log }),
    openQueue: (run) =>
      createAttemptQueue(connectRedis({ url, log, purpose: 'manager-webhooks', whenAway: 'wait' }), run, log),
    log,
  })
  tail.watch(dispatcher.soon)
  const sweep = createSweep('deliveries', (now) => deliveryLog.removeOld(now - keptMs, batch), log)
  return {
    service: createWebhookService({
      ...{ webhooks, deliveries: deliveryLog, seal, isPermitted },
      onDue: dispatcher.soon,
      log,
    }),
    async close() {
      await Promise.all([dispatcher.close(), sweep.close()])
    },
  }
}

function countAttempts(registry: Registry): (isDelivered: boolean) => void {
  const attempts = new Counter({
    name: 'nowcast_webhook_attempts_total',
    help: 'Attempts to deliver an event to a webhook, by result',
    labelNames: ['result'],
    registers: [registry],
  })
  return (isDelivered) => attempts.inc({ result: isDelivered ? 'delivered' : 'failed' })
}
