import { type Static, Type } from 'typebox'
import { endReasons } from '../../core/contracts/end-reason.ts'
import { slugPattern } from '../../core/contracts/id-patterns.ts'
import { latencies } from '../../core/media/latency.ts'
import { HealthBody, Nullable, PageBody, pageQuery, RenditionBody, SourceBody, Time } from './media.ts'

/** The path of one session. */
export const SessionParams = Type.Object({ id: Type.String({ pattern: '^s_[A-Za-z0-9_-]{22}$' }) })

export const SessionQuery = Type.Object(
  {
    channel: Type.Optional(Type.String({ pattern: slugPattern, description: "a channel's slug" })),
    state: Type.Optional(Type.Enum(['live', 'ended'])),
    ...pageQuery,
  },
  { additionalProperties: false },
)

export const SessionBody = Type.Object({
  id: Type.String(),
  channel: Type.String({ description: 'slug of its channel at that time' }),
  channelId: Type.String(),
  state: Type.Enum(['live', 'ended']),
  startedAt: Time('when the publisher began'),
  endedAt: Nullable(Time('when it ended')),
  reason: Nullable(Type.Enum([...endReasons])),
  detail: Nullable(Type.String({ description: 'more about the reason' })),
  latency: Type.Enum([...latencies]),
  publisher: Type.Object({ address: Type.String(), software: Nullable(Type.String()) }),
  source: Nullable(SourceBody),
  renditions: Type.Array(RenditionBody),
  transcoder: Nullable(Type.String({ description: 'the process that transcodes or transcoded it last' })),
  epoch: Type.Integer({ description: 'how many transcodes were started' }),
  overloaded: Type.Boolean({ description: 'transcoding could not keep up with real time' }),
  health: Nullable(HealthBody),
  viewers: Type.Integer({ description: 'now; 0 when ended' }),
  peakViewers: Type.Integer(),
})

export const SessionPage = PageBody(SessionBody)

export type SessionView = Static<typeof SessionBody>
