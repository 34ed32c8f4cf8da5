import { type Static, Type } from 'typebox'
import { endReasons } from '../contracts/end-reason.ts'
import { sessionIdPattern } from '../contracts/id-patterns.ts'
import { latencies } from '../media/latency.ts'
import { listPageOf, listQuery, Nullable, SessionId, Slug, Time } from './common.ts'
import { HealthBody, RenditionBody, SourceBody } from './media.ts'

export const SessionParams = Type.Object({ id: SessionId('the session') })

export const SessionQuery = Type.Object(
  {
    channel: Type.Optional(Slug("a channel's slug")),
    state: Type.Optional(Type.Enum(['live', 'ended'])),
    ...listQuery(sessionIdPattern.replace('^', '^s\\.[0-9]{1,15}\\.')),
  },
  { additionalProperties: false },
)

export const SessionBody = Type.Object(
  {
    id: Type.String(),
    channel: Type.String({ description: 'slug of its channel at that time' }),
    channelId: Type.String(),
    state: Type.Enum(['live', 'ended']),
    startedAt: Time('when the publisher started'),
    endedAt: Nullable(Time('when it ended')),
    reason: Nullable(Type.Enum([...endReasons])),
    detail: Nullable(Type.String({ description: 'more about the reason' })),
    interruptions: Type.Array(
      Type.Object({
        startedAt: Time('when the publisher was lost'),
        endedAt: Nullable(Time('when it was back; null if it did not return yet, or at all')),
        reason: Type.Enum([...endReasons]),
      }),
      { description: 'times without a publisher; the newest 100' },
    ),
    latency: Type.Enum([...latencies]),
    publisher: Type.Object({ address: Type.String(), software: Nullable(Type.String()) }),
    source: Nullable(SourceBody),
    renditions: Type.Array(RenditionBody),
    transcoder: Nullable(Type.String({ description: 'the process that last transcoded it' })),
    epoch: Type.Integer({ description: 'number of the newest transcode; numbers have holes' }),
    overloaded: Type.Boolean({ description: 'transcoding could not keep up with real time' }),
    health: Nullable(HealthBody),
    viewers: Type.Integer({ description: 'now; 0 after the end' }),
    peakViewers: Type.Integer(),
  },
  { title: 'Session' },
)

export const SessionListPage = listPageOf(SessionBody)

export type SessionView = Static<typeof SessionBody>
