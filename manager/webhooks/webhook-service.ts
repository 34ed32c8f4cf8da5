import { isIP } from 'node:net'
import type { ListPage } from '../../core/api/common.ts'
import {
  type CreatedWebhookView,
  type DeliveryView,
  maxWebhooks,
  type NewWebhook,
  type ResendView,
  type WebhookChanges,
  type WebhookSecretView,
  type WebhookView,
} from '../../core/api/webhook.ts'
import { newWebhookId } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import type { KeySeal } from '../channels/key-seal.ts'
import { eventCursor, readEventCursor } from '../events/event-view.ts'
import { readListPage } from '../http/list-page.ts'
import { Problem } from '../http/problem.ts'
import type { AddressPolicy } from './address-policy.ts'
import type { DeliveryLog } from './delivery-log.ts'
import { newWebhookSecret } from './signature.ts'
import type { StoredDelivery } from './stored-delivery.ts'
import type { StoredWebhook, WebhookStore } from './webhook-store.ts'
import { deliveryCursor, deliveryView, readDeliveryCursor, webhookView } from './webhook-view.ts'

export interface WebhookServiceDependencies {
  webhooks: Omit<WebhookStore, 'noteFailure' | 'noteSuccess' | 'pause' | 'disable'>
  deliveries: Pick<DeliveryLog, 'page' | 'resend' | 'resendSince'>
  seal: Pick<KeySeal, 'seal'>
  isPermitted: AddressPolicy
  /** Called when there may be new deliveries that are due. */
  onDue(): void
  log: Log
}

/** Time for which the previous secret signs too, ms. */
const rotationMs = 24 * 3_600_000
/** Maximum number of events that one request queues again. */
const maxResent = 5000

export type WebhookService = ReturnType<typeof createWebhookService>

/**
 * Creates the operations of `/v1/webhooks`. Methods reject with a Problem, which becomes the response. Any
 * other error becomes a 500. URLs are not logged, because some contain a secret.
 */
export function createWebhookService(dependencies: WebhookServiceDependencies) {
  return { ...createWebhookCalls(dependencies), ...createDeliveryCalls(dependencies) }
}

function createWebhookCalls({ webhooks, seal, isPermitted, onDue, log }: WebhookServiceDependencies) {
  return {
    /** @throws Problem `webhook_url_refused`, `too_many_webhooks` */
    async create({ url, types, channels, enabled }: NewWebhook): Promise<CreatedWebhookView> {
      checkUrl(url, isPermitted)
      const id = newWebhookId()
      const secret = newWebhookSecret()
      const now = Date.now()
      const webhook: StoredWebhook = {
        ...{ id, url, types: types ?? null, channels: channels ?? null, enabled: enabled ?? true },
        ...{ secretSealed: seal.seal(secret, id), previousSealed: null, previousUntil: 0 },
        ...{ disabledReason: null, failingSince: null, createdAt: now, updatedAt: now },
      }
      if (!(await webhooks.add(webhook, maxWebhooks)))
        throw new Problem('too_many_webhooks', `There are ${maxWebhooks} already`)
      log.info({ webhookId: id }, 'webhook created')
      return { ...webhookView(webhook), secret }
    },

    list: async (): Promise<{ items: WebhookView[] }> => ({
      items: (await webhooks.all()).map(webhookView),
    }),

    get: async (id: string): Promise<WebhookView> => webhookView(found(await webhooks.byId(id))),

    /** @throws Problem `webhook_not_found`, `webhook_url_refused` */
    async change(id: string, changes: WebhookChanges): Promise<WebhookView> {
      if (changes.url !== undefined) checkUrl(changes.url, isPermitted)
      const webhook = found(await webhooks.update(id, changes, Date.now()))
      log.info({ webhookId: id, fields: Object.keys(changes) }, 'webhook changed')
      onDue()
      return webhookView(webhook)
    },

    /** @throws Problem `webhook_not_found` */
    async remove(id: string): Promise<void> {
      if (!(await webhooks.remove(id))) throw notFound()
      log.info({ webhookId: id }, 'webhook removed')
    },

    /** Replaces the secret. @throws Problem `webhook_not_found` */
    async rotate(id: string): Promise<WebhookSecretView> {
      const secret = newWebhookSecret()
      const now = Date.now()
      const previousUntil = now + rotationMs
      found(await webhooks.replaceSecret(id, seal.seal(secret, id), previousUntil, now))
      log.info({ webhookId: id }, 'webhook secret replaced')
      return { secret, previousUntil: new Date(previousUntil).toISOString() }
    },
  }
}

function createDeliveryCalls({ webhooks, deliveries, onDue, log }: WebhookServiceDependencies) {
  return {
    /** @throws Problem `webhook_not_found` */
    async deliveries(
      id: string,
      state: StoredDelivery['state'] | undefined,
      limit: number,
      cursor: string | undefined,
    ): Promise<ListPage<DeliveryView>> {
      found(await webhooks.byId(id))
      const after = cursor === undefined ? undefined : readDeliveryCursor(cursor)
      return readListPage(limit, {
        read: (limit) => deliveries.page(id, state, limit, after),
        itemOf: deliveryView,
        cursorAfter: deliveryCursor,
      })
    },

    /**
     * Sends one event again. @throws Problem `webhook_not_found`, `delivery_not_found`, `webhook_disabled`
     */
    async resend(id: string, deliveryId: string): Promise<DeliveryView> {
      mustBeEnabled(found(await webhooks.byId(id)))
      const queued = await deliveries.resend(id, deliveryId, Date.now())
      if (queued === undefined)
        throw new Problem('delivery_not_found', 'The webhook has no such delivery; they are kept for 30 days')
      log.info({ webhookId: id, deliveryId }, 'webhook delivery queued again')
      onDue()
      return deliveryView(queued)
    },

    /**
     * Sends events again that happened since a time, ms since the epoch.
     * @throws Problem `webhook_not_found`, `webhook_disabled`
     */
    async resendSince(id: string, since: number, after: string | undefined): Promise<ResendView> {
      mustBeEnabled(found(await webhooks.byId(id)))
      const from = after === undefined ? 0 : readEventCursor(after)
      const result = await deliveries.resendSince(id, since, from, maxResent, Date.now())
      log.info({ webhookId: id, queued: result.queued }, 'webhook deliveries queued again')
      onDue()
      return resendView(result)
    },
  }
}

const resendView = ({ queued, continueAfter }: { queued: number; continueAfter: number | undefined }) => ({
  queued,
  continueAfter: continueAfter === undefined ? null : eventCursor(continueAfter),
})

const notFound = () => new Problem('webhook_not_found', 'No webhook has this id')

function found(webhook: StoredWebhook | undefined): StoredWebhook {
  if (webhook === undefined) throw notFound()
  return webhook
}

function mustBeEnabled({ enabled }: StoredWebhook): void {
  if (!enabled) throw new Problem('webhook_disabled', 'Enable it first')
}

/**
 * Refuses a URL to which no attempt could succeed. A name is resolved, and its addresses are checked, with
 * each attempt.
 * @throws Problem `webhook_url_refused`
 */
function checkUrl(text: string, isPermitted: AddressPolicy): void {
  const refused = (detail: string) =>
    new Problem('webhook_url_refused', detail, {
      fieldErrors: [{ in: 'body', field: 'url', message: 'is refused' }],
    })
  if (!URL.canParse(text)) throw refused('This is not a URL')
  const { username, password, hash, hostname } = new URL(text)
  if (username !== '' || password !== '') throw refused('It contains a user name or a password')
  if (hash !== '') throw refused('It contains a fragment')
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0 && !isPermitted(address))
    throw refused('Its address is not public, and not in NOWCAST_WEBHOOK_NETWORKS of the manager')
}
