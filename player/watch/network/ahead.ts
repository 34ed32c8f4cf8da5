import { type PendingBody, requestBody } from './requests.ts'

/** Maximum number of bodies that were requested ahead and not taken. The oldest goes first. */
const maxBodies = 24

/**
 * Requests media before the player asks for it, and hands each body over once. `toUrl` replaces an earlier
 * token in a URL by the current one.
 */
export function createAhead(toUrl: (url: string) => string) {
  const bodies = new Map<string, PendingBody>()
  const held = new Set<string>()

  function drop(url: string) {
    bodies.get(url)?.abort()
    bodies.delete(url)
  }

  return {
    /** `mayBeHeld`: whether the server may wait with the response until the media exists. */
    request(url: string, mayBeHeld = false): void {
      if (bodies.has(url)) return
      bodies.set(url, requestBody(toUrl(url)))
      if (mayBeHeld) held.add(toUrl(url))
      for (const oldest of bodies.keys()) {
        if (bodies.size <= maxBodies) break
        drop(oldest)
      }
      if (held.size > 4 * maxBodies) held.delete([...held][0] ?? '')
    },
    /** Resolves when a body that was requested is complete, and rejects when its request has failed. */
    async settled(url: string): Promise<void> {
      await bodies.get(url)?.body
    },
    take(url: string): PendingBody | undefined {
      const body = bodies.get(url)
      bodies.delete(url)
      return body
    },
    isHeld: (url: string) => held.has(url),
    clear() {
      for (const url of [...bodies.keys()]) drop(url)
    },
  }
}

export type Ahead = ReturnType<typeof createAhead>
