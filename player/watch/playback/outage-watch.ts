import type Hls from 'hls.js'
import { arrivals } from '../network/arrivals.ts'
import { isOutage } from '../network/outage.ts'
import { watchAway } from './away-watch.ts'
import { createPlaylistProbe } from './playlist-probe.ts'

export interface OutageWatchOptions {
  hls: Hls
  /** Returns a round trip that is rarely exceeded, ms. */
  lateRoundTripMs(): number
  /** Adds CMCD and the current token to a playlist URL. */
  addQuery(url: string): string
}

const checkEveryMs = 250

/**
 * Requests the media playlist when no bytes arrive any more and the buffer is short, or when the browser is
 * online again. If the response has new media, hls.js starts loading again: its own requests may hang for
 * many seconds after an outage. If it has no new media, the publisher counts as away.
 */
export function watchOutages({ hls, lateRoundTripMs, addQuery }: OutageWatchOptions) {
  let attemptAt = Number.NEGATIVE_INFINITY
  let attempts = 0
  const probe = createPlaylistProbe(hls, addQuery)
  const away = watchAway(hls, probe, loadAgain)

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
    const { level } = probe
    if (level === undefined) return
    attemptAt = performance.now()
    attempts++
    const playlist = await probe.read(level, level)
    // Without a response `check` makes the next attempt.
    if (playlist !== undefined || arrivals.lastAt > attemptAt) attempts = 0
    if (playlist?.isNew) loadAgain()
    else if (playlist !== undefined) void away.follow(level, playlist.next)
  }

  function loadAgain() {
    hls.stopLoad()
    hls.startLoad(-1)
  }

  const onOnline = () => void attempt()
  const timer = setInterval(check, checkEveryMs)
  addEventListener('online', onOnline)

  return {
    /** Whether the server responds without new media. */
    get isAway() {
      return away.isAway
    },
    close() {
      clearInterval(timer)
      removeEventListener('online', onOnline)
      away.close()
      probe.close()
    },
  }
}
