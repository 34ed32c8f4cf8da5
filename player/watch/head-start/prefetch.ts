/** Time after which a request made ahead is given up, ms. hls.js then makes its own. */
export const timeoutMs = 8000

export interface PrefetchedBody {
  data: ArrayBuffer
  /** Time at which the body was complete, ms of `performance.now()`. */
  completedAt: number
}

export type Prefetch = ReturnType<typeof createPrefetch>

/** Requests playlists and media before hls.js does, and hands over each body once. */
export function createPrefetch(viewerId: string, fetch: typeof window.fetch) {
  const bodies = new Map<string, Promise<PrefetchedBody>>()
  const taken = new Set<string>()

  async function load(url: string): Promise<PrefetchedBody> {
    const response = await fetch(withViewerId(url, viewerId), {
      signal: AbortSignal.timeout(timeoutMs),
      priority: 'high',
    })
    if (response.status !== 200) throw new Error(`${response.status}`)
    return { data: await response.arrayBuffer(), completedAt: performance.now() }
  }

  return {
    /** Returns the body that is kept for `url` or is on its way. Requests it if there is none. */
    request(url: string): Promise<PrefetchedBody> {
      const key = keyOf(url)
      const body = bodies.get(key) ?? load(url)
      // Callers that await the body handle its failure. Without this line, a failed body that is never taken
      // would be an unhandled rejection.
      body.catch(() => {})
      bodies.set(key, body)
      return body
    },

    /** Keeps a body that came with the start bundle. */
    put(url: string, body: Promise<PrefetchedBody>) {
      bodies.set(keyOf(url), body)
    },

    /** Whether `take` would hand over a body for `url`. */
    has: (url: string) => bodies.has(keyOf(url)),

    isTaken: (url: string) => taken.has(keyOf(url)),

    /**
     * Hands over the body of `url`; undefined when it was not requested, or was taken before. The request may
     * still be in progress, and rejects when it failed.
     */
    take(url: string): Promise<PrefetchedBody> | undefined {
      const key = keyOf(url)
      const body = bodies.get(key)
      taken.add(key)
      bodies.delete(key)
      return body
    },

    clear: () => bodies.clear(),
  }
}

/** Adds the viewer id to a playlist URL, as the player does later, so that edges count both as one viewer. */
function withViewerId(url: string, viewerId: string): string {
  const target = new URL(url)
  if (target.pathname.endsWith('.m3u8')) target.searchParams.set('CMCD', `sid="${viewerId}",v=2`)
  return target.href
}

/**
 * Returns a key of the parts of a URL that determine the response. `_HLS_skip` is not among them, because a
 * request for a delta update may get the complete playlist; all other parameters are for statistics.
 */
function keyOf(url: string): string {
  const { origin, pathname, searchParams } = new URL(url)
  return `${origin}${pathname} ${searchParams.get('_HLS_msn')} ${searchParams.get('_HLS_part')}`
}
