import { type LiveSession, publishOf } from '../../core/contracts/live-records.ts'
import type { GrantedPublish, ReturningPublish } from '../publish/publish-authority.ts'

export interface RecordOptions {
  /** Returns where transcoders pull the FLV of a session. */
  pullPlace: (sessionId: string) => LiveSession['ingest']
  /** Time for which a session waits for its publisher, unless its channel says otherwise, ms. */
  graceMs: number
}

/** Returns the record of a session at its first publish. Its source is not known yet. */
export function firstRecord(publish: GrantedPublish, options: RecordOptions): LiveSession {
  const { sessionId, grant, claim, expectedGopMs } = publish
  const { channelId, slug, latency, priority = 0 } = grant
  const startedAt = Date.now()
  const common = { sessionId, channelId, slug, latency, priority, startedAt, claim, expectedGopMs }
  return { ...common, source: null, publish: 1, ...placeOf(publish, sessionId, options) }
}

/** Returns the record of a session at its next publish, whose source is not known yet. */
export function nextRecord(
  publish: ReturningPublish,
  former: LiveSession,
  options: RecordOptions,
): LiveSession {
  const place = placeOf(publish, former.sessionId, options)
  return { ...former, ...place, publish: publishOf(former) + 1, source: null, interruption: undefined }
}

const placeOf = (
  { grant, request }: ReturningPublish,
  sessionId: string,
  { pullPlace, graceMs }: RecordOptions,
) => ({
  ingest: pullPlace(sessionId),
  publisher: { address: request.address, software: request.software },
  graceMs: grant.graceMs ?? graceMs,
  // Undefined removes the slate of the former publish from the record.
  slate: grant.slate,
})
