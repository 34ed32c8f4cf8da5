import type { Origin } from '../../core/contracts/live-records.ts'
import { mediaLengthsOf } from '../../core/media/latency.ts'
import type { Log } from '../../core/process/log.ts'
import type { PresentationOptions } from '../packager/packager.ts'
import type { KnownSession } from './followed-session.ts'
import type { SessionDependencies } from './session-dependencies.ts'

/**
 * Number of segments that may exist beyond those in the origin record, which is up to one heartbeat old. A
 * transcoder that replaces another one skips as many media sequence numbers.
 */
const takeoverMargin = 2
/** Maximum time for which another transcoder continues a session that it has offered to this one, ms. */
const handoverMs = 8000

/**
 * Returns the options for the presentation of a session. `previous`: the origin of the transcoder before,
 * whose numbers it continues; undefined when there was none.
 */
export function presentationOptionsOf(
  { sessionId, slug, latency, mediaZeroAt }: KnownSession,
  previous: Origin | undefined,
  lengths: SessionDependencies['lengths'],
  log: Log,
): PresentationOptions {
  const media = mediaLengthsOf(latency, lengths)
  const margin = takeoverMargin + (previous?.isOffered ? Math.ceil(handoverMs / media.segmentMs) : 0)
  return {
    sessionId,
    slug,
    ...media,
    mediaZeroAt,
    startMsn: previous && previous.nextMsn + margin,
    startDiscontinuity: previous?.discontinuity,
    log,
  }
}
