import { type Static, Type } from 'typebox'
import { Nullable, Slug, Time } from './common.ts'

/** Every type of event in the log. New types may follow; a reader ignores those that it does not know. */
export const eventTypes = [
  'session.started',
  'session.source_changed',
  'session.interrupted',
  'session.resumed',
  'session.ended',
  'channel.created',
  'channel.updated',
  'channel.deleted',
  'channel.key_rotated',
  'token.created',
  'token.revoked',
  'webhook.disabled',
] as const

export type EventType = (typeof eventTypes)[number]

/** Pattern of a cursor of the log of events: `e.` and the position of the event that was read last. */
const eventCursorPattern = '^e\\.[0-9]{1,15}$'

const anyType = `(?:${eventTypes.join('|').replaceAll('.', '\\.')})`

export const EventCursor = (description: string) => Type.String({ pattern: eventCursorPattern, description })

/** Query parameters that choose events; all are optional. */
const choice = {
  types: Type.Optional(
    Type.String({
      pattern: `^${anyType}(?:,${anyType}){0,${eventTypes.length - 1}}$`,
      description: 'only events of these types, separated by commas',
    }),
  ),
  channel: Type.Optional(Slug('only events of the channel with this slug, also of one that was deleted')),
  after: Type.Optional(EventCursor('only events after this place in the log')),
}

export const EventQuery = Type.Object(
  { ...choice, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) },
  { additionalProperties: false },
)

/** Query of the stream. Without `after` and `Last-Event-ID` it begins with the next event. */
export const EventStreamQuery = Type.Object(choice, { additionalProperties: false })

export const EventStreamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    EventCursor('id of the last event that the client has; `after` is then ignored'),
  ),
})

/** One event, the same in the list, in the stream and in webhooks. */
const EventBody = Type.Object(
  {
    id: Type.String({ description: 'the same in each delivery of the event' }),
    type: Type.Enum([...eventTypes]),
    timestamp: Time('when it happened'),
    channel: Nullable(Type.String({ description: 'slug of the channel; null: not about a channel' })),
    channelId: Nullable(Type.String()),
    sequence: Nullable(
      Type.Integer({ description: 'number of the event among those of its channel, from 1, without holes' }),
    ),
    cursor: Type.String({ description: 'place in the log, to continue after this event' }),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'more, by type' }),
  },
  { title: 'LogEvent' },
)

export const EventPageBody = Type.Object(
  {
    items: Type.Array(EventBody),
    nextCursor: Type.String({ description: 'for `after` of the next request, also at the end of the log' }),
    hasMore: Type.Boolean({ description: 'whether the log has further events now' }),
    missed: Type.Integer({
      description: 'number of events after `after`, of all types, that were removed before this request',
    }),
  },
  { title: 'EventPage' },
)

export type EventView = Static<typeof EventBody>
export type EventPage = Static<typeof EventPageBody>
