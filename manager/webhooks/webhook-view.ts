import type { DeliveryView, WebhookView } from '../../core/api/webhook.ts'
import { eventCursor } from '../events/event-view.ts'
import type { DeliveryPlace } from './delivery-log.ts'
import type { StoredDelivery } from './stored-delivery.ts'
import type { StoredWebhook } from './webhook-store.ts'

/** Returns a webhook as the API shows it, without its secret. */
export function webhookView(webhook: StoredWebhook): WebhookView {
  const { id, url, types, channels, enabled, disabledReason, failingSince, createdAt, updatedAt } = webhook
  return {
    ...{ id, url, types, channels, enabled, disabledReason },
    failingSince: failingSince === null ? null : timeText(failingSince),
    createdAt: timeText(createdAt),
    updatedAt: timeText(updatedAt),
  }
}

export function deliveryView(delivery: StoredDelivery): DeliveryView {
  const { id, eventId, position, type, slug, state, createdAt, endedAt, tries } = delivery
  return {
    id,
    eventId,
    eventCursor: eventCursor(position),
    type,
    channel: slug,
    state,
    createdAt: timeText(createdAt),
    endedAt: endedAt === null ? null : timeText(endedAt),
    tries: tries.map(({ at, status, ms, error }) => ({ at: timeText(at), status, ms, error })),
  }
}

/** Returns the cursor of the page that starts after this delivery. */
export const deliveryCursor = ({ createdAt, id }: DeliveryPlace) => `d.${createdAt}.${id}`

/** Returns the delivery after which the page starts. */
export function readDeliveryCursor(cursor: string): DeliveryPlace {
  const [, createdAt, id = ''] = cursor.split('.')
  return { createdAt: Number(createdAt), id }
}

const timeText = (ms: number) => new Date(ms).toISOString()
