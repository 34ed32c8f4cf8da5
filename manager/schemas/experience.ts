import { type Static, Type } from 'typebox'
import { Nullable } from './media.ts'

const Spread = (description: string) =>
  Nullable(
    Type.Object(
      { p50: Type.Integer(), p95: Type.Integer() },
      { description: `${description}; null while nobody told` },
    ),
  )

/** How viewers fare, as their players tell (CMCD). */
export const ExperienceBody = Type.Object(
  {
    joinMs: Spread('from opening the page to the first frame, of the joins of the last minutes'),
    latencyMs: Spread('how old the picture is'),
    bufferMs: Spread('media in hand'),
    bitrate: Spread('of what is watched, bits/s'),
    throughput: Spread('as players measure it, bits/s'),
    stallRatio: Nullable(
      Type.Number({
        description: 'share of the time for which pictures stood still for want of media, 0 to 1',
      }),
    ),
  },
  {
    description:
      'How viewers fare, as their players tell (CMCD), over all edges: about the last minute. Null while nobody told.',
  },
)

export type ExperienceView = Static<typeof ExperienceBody>
