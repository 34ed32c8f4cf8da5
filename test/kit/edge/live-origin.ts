import { newSessionId } from '../../../core/contracts/ids.ts'
import type { Origin } from '../../../core/contracts/live-records.ts'

/**
 * Returns the record of a live origin, as a transcoder writes it; by default that of a new session of the
 * channel `demo`.
 */
export function liveOrigin(fields: Partial<Origin> = {}): Origin {
  const { slug = 'demo' } = fields
  return {
    sessionId: newSessionId(),
    channelId: `c_${slug}`,
    slug,
    epoch: 1,
    transcoder: 'i_test',
    url: 'http://127.0.0.1:1',
    state: 'live',
    renditions: [],
    health: { speed: 1, behindMs: 0, overloaded: false },
    nextMsn: 0,
    discontinuity: 0,
    ...fields,
  }
}
