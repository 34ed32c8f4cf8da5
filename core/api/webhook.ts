import { type Static, Type } from 'typebox'
import { listPageOf, listQuery, Nullable, Slug, Time } from './common.ts'
import { EventCursor, type EventType, eventTypes } from './event.ts'

/** Maximum number of webhooks of an instance. */
export const maxWebhooks = 50
/** Why the manager disables a webhook: every attempt failed for three days; its endpoint answered 410. */
const disableReasons = ['failing', 'gone'] as const
const deliveryStates = ['pending', 'delivered', 'failed'] as const

const webhookIdPattern = '^wh_[A-Za-z0-9_-]{22}$'
const deliveryIdPattern = '^dlv_[A-Za-z0-9_-]{22}$'

const WebhookId = Type.String({ pattern: webhookIdPattern, description: 'the webhook' })

export const WebhookParams = Type.Object({ id: WebhookId })

export const DeliveryParams = Type.Object({
  id: WebhookId,
  deliveryId: Type.String({ pattern: deliveryIdPattern, description: 'the delivery' }),
})

const traits = {
  url: Type.String({
    pattern: '^https?://[^\\s\\u0000-\\u001f\\u007f]+$',
    maxLength: 2000,
    description: 'where events are posted; without a user name, a password or a fragment',
  }),
  types: Nullable(
    Type.Array(Type.Unsafe<EventType>(Type.Enum([...eventTypes])), {
      minItems: 1,
      maxItems: eventTypes.length,
      description: 'only events of these types; null: all',
    }),
  ),
  channels: Nullable(
    Type.Array(Slug('a channel'), {
      minItems: 1,
      maxItems: 50,
      description: 'only events of channels with these slugs; null: all events, also those of no channel',
    }),
  ),
  enabled: Type.Boolean({ description: 'a disabled webhook gets no events' }),
}

/** Only the URL is required. By default the webhook gets all events, and is enabled. */
export const NewWebhookBody = Type.Object(
  {
    url: traits.url,
    types: Type.Optional(traits.types),
    channels: Type.Optional(traits.channels),
    enabled: Type.Optional(traits.enabled),
  },
  { additionalProperties: false },
)

export const WebhookChangesBody = Type.Partial(Type.Object(traits), {
  additionalProperties: false,
  minProperties: 1,
})

const webhook = {
  id: Type.String(),
  ...traits,
  disabledReason: Nullable(
    Type.Enum([...disableReasons], { description: 'why the manager disabled it; null if it did not' }),
  ),
  failingSince: Nullable(Time('since when every attempt has failed; null after a success')),
  createdAt: Time('when it was created'),
  updatedAt: Time('when it was last changed'),
}

export const WebhookBody = Type.Object(webhook, { title: 'Webhook' })

const Secret = Type.String({ description: 'verifies signatures; shown only here' })

export const CreatedWebhookBody = Type.Object({ ...webhook, secret: Secret }, { title: 'CreatedWebhook' })

export const WebhookSecretBody = Type.Object({
  secret: Secret,
  previousUntil: Time('until then the previous secret signs too'),
})

export const WebhookListBody = Type.Object({ items: Type.Array(WebhookBody) })

export const DeliveryQuery = Type.Object(
  {
    state: Type.Optional(Type.Enum([...deliveryStates])),
    ...listQuery(deliveryIdPattern.replace('^', '^d\\.[0-9]{1,15}\\.')),
  },
  { additionalProperties: false },
)

export const DeliveryBody = Type.Object(
  {
    id: Type.String(),
    eventId: Type.String({ description: 'in `webhook-id` of each attempt' }),
    eventCursor: Type.String(),
    type: Type.Enum([...eventTypes]),
    channel: Nullable(Type.String()),
    state: Type.Enum([...deliveryStates], { description: '`failed`: given up' }),
    createdAt: Time('when it was queued'),
    endedAt: Nullable(Time('when it was delivered or given up')),
    tries: Type.Array(
      Type.Object({
        at: Time('when the attempt began'),
        status: Nullable(Type.Integer({ description: 'of the response; null: there was no response' })),
        ms: Type.Integer({ description: 'time to the response or the failure' }),
        error: Nullable(Type.String({ description: 'why there was no response' })),
      }),
      { description: 'the newest 20' },
    ),
  },
  { title: 'Delivery' },
)

export const DeliveryListPage = listPageOf(DeliveryBody)

export const ResendQuery = Type.Object(
  {
    since: Type.String({
      format: 'date-time',
      // TypeBox also admits the suffixes of RFC 9557, such as `[Europe/Paris]`.
      pattern: '^[^\\[]+$',
      description: 'events that happened at this time or later',
    }),
    after: Type.Optional(EventCursor('`continueAfter` of the former response, with the same `since`')),
  },
  { additionalProperties: false },
)

export const ResendBody = Type.Object({
  queued: Type.Integer({ description: 'number of events that were queued' }),
  continueAfter: Nullable(
    Type.String({
      description: '`after` of the next request, when there may be more events; null: that was all',
    }),
  ),
})

export type WebhookView = Static<typeof WebhookBody>
export type CreatedWebhookView = Static<typeof CreatedWebhookBody>
export type WebhookSecretView = Static<typeof WebhookSecretBody>
export type NewWebhook = Static<typeof NewWebhookBody>
export type WebhookChanges = Static<typeof WebhookChangesBody>
export type DeliveryView = Static<typeof DeliveryBody>
export type ResendView = Static<typeof ResendBody>
export type DisableReason = (typeof disableReasons)[number]
