import type Hls from 'hls.js'
import { Events, type LevelLoadedData } from 'hls.js'
import type { PlaylistProbe } from './playlist-probe.ts'

/** Time for which the publisher counts as away after a response without new media, ms. */
const awayForMs = 6000
/** Buffer below which a playlist without new media shows that the publisher is away, seconds. */
const quietSeconds = 0.5
/** Minimum time between two requests to a server that responds without new media, ms. */
const minFollowMs = 500

/**
 * Finds out that the server responds without new media because the publisher is away. Until there is media
 * again, a request waits for it at the server: hls.js would ask only about once a second. `onMedia` is then
 * called.
 */
export function watchAway(hls: Hls, probe: PlaylistProbe, onMedia: () => void) {
  let quietAt = Number.NEGATIVE_INFINITY
  let isFollowing = false

  /** Must be called after a response without new media. `next`: URL of the request that waits for some. */
  async function follow(level: string, next: string | undefined) {
    quietAt = performance.now()
    if (isFollowing) return
    isFollowing = true
    for (let url = next; url !== undefined && probe.level === level; ) {
      const playlist = await probe.read(url, level)
      const passedMs = performance.now() - quietAt
      quietAt = playlist?.isNew ? Number.NEGATIVE_INFINITY : performance.now()
      if (playlist?.isNew) onMedia()
      url = playlist?.isNew ? undefined : playlist?.next
      if (passedMs < minFollowMs) await new Promise((resolve) => setTimeout(resolve, minFollowMs))
    }
    isFollowing = false
  }

  function onLoaded(_: unknown, { details }: LevelLoadedData) {
    const { level } = probe
    const isQuiet = details.live && !details.advanced
    const bufferSeconds = hls.mainForwardBufferInfo?.len ?? 0
    if (isQuiet && bufferSeconds < quietSeconds && level !== undefined) void follow(level, level)
  }

  hls.on(Events.LEVEL_LOADED, onLoaded)
  return {
    follow,
    /** Whether the server responded without new media in the last `awayForMs`. */
    get isAway() {
      return performance.now() - quietAt < awayForMs
    },
    close: () => hls.off(Events.LEVEL_LOADED, onLoaded),
  }
}
