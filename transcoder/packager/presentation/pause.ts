/** Time between two looks at the requests that wait, ms. */
const reviewMs = 100

export type Pause = ReturnType<typeof createPause>

/**
 * Creates the state of a presentation while it has no source. Blocking requests for parts are then held for
 * half a target duration only, and get the playlist as it is. Media may not come for minutes, and hls.js ends
 * playback with an error when a few of its requests in a row have no response in 0.8 target durations.
 * `review` is called while requests may have waited long enough.
 */
export function createPause(targetDuration: number, review: () => void) {
  let since: number | undefined
  let timer: NodeJS.Timeout | undefined

  function end() {
    since = undefined
    clearInterval(timer)
  }

  return {
    begin(): void {
      end()
      since = performance.now()
      timer = setInterval(review, reviewMs)
    },
    end,

    /** Whether a request that waits since `askedAt`, ms of `performance.now()`, should wait no longer. */
    hasHeld(askedAt: number): boolean {
      return since !== undefined && performance.now() - Math.max(since, askedAt) >= targetDuration * 500
    },
  }
}
