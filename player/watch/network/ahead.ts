import { type PendingBody, requestBody } from './requests.ts'

/** Maximum number of bodies that were requested ahead and not taken. Beyond it, the oldest is dropped. */
const maxBodies = 24

/**
 * Requests media before the player asks for it, and hands over each body once. `toUrl` replaces an earlier
 * playback token in a URL by the current one. `isKept` returns whether another store has the body of a URL.
 */
export function createAhead(toUrl: (url: string) => string, isKept: (url: string) => boolean) {
  const bodies = new Map<string, PendingBody>()
  const held = new Set<string>()

  function drop(url: string) {
    bodies.get(url)?.abort()
    bodies.delete(url)
  }

  return {
    /**
     * Requests `url`, unless its body is kept here or elsewhere. `mayBeHeld`: whether the server may delay
     * the response until the media exists.
     */
    request(url: string, mayBeHeld = false): void {
      if (bodies.has(url) || isKept(url)) return
      bodies.set(url, requestBody(toUrl(url)))
      if (mayBeHeld) held.add(toUrl(url))
      for (const oldest of bodies.keys()) {
        if (bodies.size <= maxBodies) break
        drop(oldest)
      }
      if (held.size > 4 * maxBodies) held.delete([...held][0] ?? '')
    },
    /**
     * Resolves when the body of `url` is complete, or at once if no body is kept for it. Rejects when the
     * request fails.
     */
    async settled(url: string): Promise<void> {
      await bodies.get(url)?.body
    },
    take(url: string): PendingBody | undefined {
      const body = bodies.get(url)
      bodies.delete(url)
      return body
    },
    /** Aborts the request for `url` and forgets its body. Does nothing when no body is kept. */
    drop,
    isHeld: (url: string) => held.has(url),
    clear() {
      for (const url of [...bodies.keys()]) drop(url)
    },
  }
}

export type Ahead = ReturnType<typeof createAhead>
