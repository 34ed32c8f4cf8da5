import type { ViewerFigures } from './figures.ts'
import type { MediaRecord } from './media/media-record.ts'
import type { RequestObserver } from './requests.ts'
import type { ViewerConnections } from './wire/client.ts'

/**
 * `plain`: hls.js with its default settings. `page`: the watch page, which joins by a start bundle and
 * retries faster.
 */
export type ViewerKind = 'plain' | 'page'

export interface ViewerOptions {
  kind: ViewerKind
  /** Whether parts are loaded where the server offers them. */
  isLowLatency: boolean
  /** Path of the multivariant playlist, `/live/<slug>/index.m3u8`. */
  path: string
  /** Id of the viewer in CMCD, which the page sends. */
  viewerId: string
  /** First estimate of the bandwidth, bits/s (5,000,000). The best variant within 70 % of it is watched. */
  bandwidth?: number
  /**
   * Whether the viewer stays when there is no picture (true). An impatient one stays for 2 s; of those who
   * then still wait, 5.8 % leave in each second (Krishnan and Sitaraman, IMC 2012).
   */
  isPatient?: boolean
  /** Time that the page needs to load its player, ms (400). Until then it follows the playlists itself. */
  playerLoadMs?: number
  /** Returns a number from 0 to 1; `Math.random` by default. */
  random?: () => number
}

export interface ViewerDependencies extends RequestObserver {
  /** Opens the connections of one viewer. `onDrop`: see `ConnectionOptions`. */
  connect(onDrop: () => void): ViewerConnections
  /** What the viewers of the channel have received. All viewers of a process should share it. */
  record: MediaRecord
  /** Called once, when the viewer has left. */
  onLeave?(figures: ViewerFigures): void
}

/** A simulated viewer of one channel. It never throws: what goes wrong is in its figures. */
export interface Viewer {
  /** Begins to join. To be called once. */
  start(): void
  /** Ends all requests. Returns the final figures. Has no further effect when the viewer has left. */
  leave(): ViewerFigures
  /** Live figures. The object stays the same and changes until the viewer has left. */
  readonly figures: ViewerFigures
  /** Returns the present latency, ms; undefined before the first frame. */
  latencyMs(): number | undefined
  /** Returns the length of the media ahead of the playhead, s. */
  bufferSeconds(): number
  /** Returns the index of the variant in ascending order of bitrates; undefined while none is loaded. */
  level(): number | undefined
  /** Watches another variant from the next media on. Has no effect while nothing is loaded. */
  switchTo(level: number): void
}
