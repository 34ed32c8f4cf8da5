import { type Static, Type } from 'typebox'
import { Nullable } from './common.ts'

const SpreadBody = Type.Object({ p50: Type.Integer(), p95: Type.Integer() })

/** Schema of a measure: its median and its 95th percentile, or null. */
const Spread = (description: string) =>
  Nullable(
    Type.Object(SpreadBody.properties, { description: `${description}; null when no player reported it` }),
  )

export const ExperienceBody = Type.Object(
  {
    joinMs: Spread('time from opening the page to the first frame, for joins of the last minutes'),
    latencyMs: Spread('distance of the picture from live'),
    bufferMs: Spread('buffered media'),
    bitrate: Spread('bit rate of the rendition played, bits/s'),
    throughput: Spread('throughput as measured by players, bits/s'),
    stallRatio: Nullable(Type.Number({ description: 'fraction of the time that playback stalled, 0 to 1' })),
  },
  {
    title: 'Experience',
    description:
      'How playback goes for viewers, as reported by their players (CMCD) to all edges in about the last minute. Null when none reported.',
  },
)

export type SpreadView = Static<typeof SpreadBody>
export type ExperienceView = Static<typeof ExperienceBody>
