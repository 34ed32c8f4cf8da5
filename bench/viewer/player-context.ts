import type { ViewerFigures } from './figures.ts'
import type { LoadPolicies } from './load-policy.ts'
import type { MediaRecord } from './media/media-record.ts'
import type { TrackKind } from './playhead.ts'
import type { Requests } from './requests.ts'

/** What the components of a simulated player share. */
export interface PlayerContext {
  requests: Requests
  record: MediaRecord
  policies: LoadPolicies
  figures: ViewerFigures
  /** Whether parts are loaded where the server offers them. */
  isLowLatency: boolean
  /** Whether parts are requested ahead on links with a long round trip, as the page does. */
  loadsAhead: boolean
  /**
   * Failures since the last good video playlist, and since video was buffered last. hls.js counts those of
   * all tracks together.
   */
  errors: { playlist: number; media: number }
  /** Returns the parameter that is added to a playlist request, such as CMCD; undefined for none. */
  playlistParameter(kind: TrackKind): string | undefined
}
