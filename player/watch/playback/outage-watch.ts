import type Hls from 'hls.js'
import { Events, type LevelLoadedData } from 'hls.js'
import { hasOtherEdge, leaveEdge } from '../edges/edge-failover.ts'
import { edgeOf } from '../edges/playback-address.ts'
import { mediaUrls, readMediaPlaylist } from '../head-start/media-playlist.ts'
import { arrivals } from '../network/arrivals.ts'
import { setAwakeTimeout } from '../network/awake-timeout.ts'
import { isOutage, watchForLife } from '../network/outage.ts'
import { requestBody } from '../network/requests.ts'

export interface OutageWatchOptions {
  hls: Hls
  /** Returns a round trip that is rarely exceeded, ms. */
  lateRoundTripMs(): number
  /** Adds CMCD and the current token to a playlist URL. */
  addQuery(url: string): string
}

const checkEveryMs = 250
/** Time after which an attempt to reach the server is given up, ms. */
const attemptTimeoutMs = 2500
/** Time for which the player stays at an edge for which it has left another one, ms. */
const stayMs = 5000
/** Time for which the publisher counts as away after a response without new media, ms. */
const awayForMs = 6000
/** Buffer below which a playlist without new media shows that the publisher is away, seconds. */
const quietSeconds = 0.5

/**
 * Requests the media playlist when no bytes arrive any more and the buffer is short, or when the browser is
 * online again. If the response has new media, hls.js starts loading again: its own requests may hang for
 * many seconds after an outage. If it has no new media, the publisher counts as away. If the edge does not
 * even send an init segment, the player moves to another edge.
 */
export function watchOutages({ hls, lateRoundTripMs, addQuery }: OutageWatchOptions) {
  let attemptAt = Number.NEGATIVE_INFINITY
  let attempts = 0
  let [quietAt, leftAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let isClosed = false

  function check() {
    const details = hls.latestLevelDetails
    const now = performance.now()
    if (!details?.live) return
    const isOut = isOutage({
      silentMs: now - Math.max(arrivals.lastAt, attemptAt),
      bufferSeconds: hls.mainForwardBufferInfo?.len ?? 0,
      pieceSeconds:
        hls.config.lowLatencyMode && details.partTarget > 0 ? details.partTarget : details.targetduration,
      lateRoundTripMs: attempts > 0 ? 0 : lateRoundTripMs(),
      hasAttempted: attempts > 0,
    })
    if (isOut) void attempt()
  }

  async function attempt() {
    const url = hls.levels[hls.loadLevel]?.uri
    const known = hls.latestLevelDetails
    if (url === undefined || known === null) return
    attemptAt = performance.now()
    attempts++
    const initUrl = known.fragments.at(-1)?.initSegment?.url ?? ''
    // Until a playlist of the next edge is loaded, the init segment is that of the edge that was left.
    const canAsk = hasOtherEdge(hls) && edgeOf(initUrl) === edgeOf(url)
    const pending = requestBody(addQuery(url))
    const endWatch = canAsk ? watchForLife(initUrl, lateRoundTripMs(), pending.abort) : undefined
    const cancelTimeout = setAwakeTimeout(pending.abort, attemptTimeoutMs)
    try {
      const { data } = await pending.body
      attempts = 0
      const newest = mediaUrls(readMediaPlaylist(new TextDecoder().decode(data), url)).at(-1)
      const last = known.partList?.at(-1)?.url ?? known.fragments.at(-1)?.url
      if (newest === last) quietAt = performance.now()
      else if (!isClosed && hls.latestLevelDetails === known) loadAgain(hls)
    } catch {
      // Requests to an edge that is frozen or cut off hang. Without another edge, `check` tries again.
      // Shortly after an edge was left, the next one is slow rather than the former one back.
      const mayLeave = !isClosed && navigator.onLine && performance.now() - leftAt > stayMs
      if (!mayLeave || !leaveEdge(hls, url)) return
      leftAt = performance.now()
      loadAgain(hls)
    } finally {
      cancelTimeout()
      endWatch?.()
    }
  }

  /** The server responds also while the publisher is away, so there is no silence then. */
  function onLoaded(_: unknown, { details }: LevelLoadedData) {
    const bufferSeconds = hls.mainForwardBufferInfo?.len ?? 0
    if (details.live && !details.advanced && bufferSeconds < quietSeconds) quietAt = performance.now()
  }

  const onOnline = () => void attempt()
  const timer = setInterval(check, checkEveryMs)
  addEventListener('online', onOnline)
  hls.on(Events.LEVEL_LOADED, onLoaded)

  return {
    /** Whether the server responded without new media in the last `awayForMs`. */
    get isAway() {
      return performance.now() - quietAt < awayForMs
    },
    close() {
      isClosed = true
      clearInterval(timer)
      removeEventListener('online', onOnline)
      hls.off(Events.LEVEL_LOADED, onLoaded)
    },
  }
}

function loadAgain(hls: Hls) {
  hls.stopLoad()
  hls.startLoad(-1)
}
