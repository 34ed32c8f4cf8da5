import { type Static, Type } from 'typebox'
import { issueCodes, severities, units, verdicts } from '../coach/issues/issue.ts'
import { languages } from '../coach/texts/sentences.ts'
import { Nullable, Slug, Time } from './common.ts'

const Figure = (description: string) => Type.Union([Type.Number(), Type.String()], { description })

const IssueBody = Type.Object(
  {
    code: Type.Enum([...issueCodes]),
    severity: Type.Enum([...severities], {
      description: '`info`: viewers see no harm; `error`: viewers cannot watch well',
    }),
    since: Time('when it began; of a live session, at most ten minutes ago'),
    until: Nullable(Time('when it was last present; null while it is')),
    seconds: Type.Integer({ description: 'how long it was present' }),
    measured: Figure('what was measured, at its worst after the end'),
    wanted: Figure('a value without an issue'),
    unit: Type.Enum([...units], { description: 'of `measured` and `wanted`' }),
    problem: Type.String({ description: 'what is wrong' }),
    effect: Type.String({ description: 'what viewers notice' }),
    fix: Type.String({ description: 'what to change' }),
  },
  { title: 'Issue' },
)

const SampleBody = Type.Object(
  {
    at: Time('end of the measured time'),
    videoBitrate: Type.Integer({ description: 'bits/s as received' }),
    audioBitrate: Type.Integer({ description: 'bits/s as received' }),
    frames: Type.Number({ description: 'frames received per second' }),
    missingFrames: Type.Integer({ description: 'frames missing in holes between timestamps' }),
    gapMs: Type.Integer({ description: 'longest time without a packet' }),
    lateMs: Type.Integer({ description: 'how much later media arrives than at best in the samples' }),
    jitterMs: Type.Integer({ description: 'how unevenly packets arrive' }),
    gopMs: Nullable(Type.Integer({ description: 'distance of the newest keyframes' })),
  },
  { title: 'SignalSample' },
)

export const SessionHealthBody = Type.Object(
  {
    sessionId: Type.String(),
    channel: Slug('slug of its channel'),
    state: Type.Enum(['live', 'interrupted', 'ended']),
    startedAt: Time('when the publisher started'),
    endedAt: Nullable(Time('when it ended')),
    verdict: Type.Enum([...verdicts], {
      description:
        'the worst issue: `good`, `fair` with warnings, `poor` with errors; `none`: no signal to judge',
    }),
    issues: Type.Array(IssueBody, { description: 'the worst first; of an ended session all that it had' }),
    everyMs: Type.Integer({ description: 'time between two samples' }),
    samples: Type.Array(SampleBody, { description: 'oldest first' }),
  },
  { title: 'SessionHealth' },
)

export const HealthQuery = Type.Object(
  {
    language: Type.Optional(Type.Enum([...languages], { description: 'of the sentences' })),
    seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 600,
        default: 60,
        description: 'of a live session: the newest samples to list',
      }),
    ),
  },
  { additionalProperties: false },
)

export type IssueView = Static<typeof IssueBody>
export type SampleView = Static<typeof SampleBody>
export type HealthView = Static<typeof SessionHealthBody>

/** What the coach page reads again and again. */
export const CoachBody = Type.Object({
  channel: Type.Object({ slug: Type.String(), title: Type.String() }),
  /** The live session, or else the last one; null when the channel has never been live. */
  health: Nullable(SessionHealthBody),
})

export type CoachView = Static<typeof CoachBody>
