import type { MediaObject } from './media-object.ts'

/** What an object costs beside its bodies: headers, maps, bytes. */
const overheadBytes = 2048

/** Bytes an object is counted with; a playlist as if its gzip form, half as large at most in practice, and both without parts were there. */
export const costOf = (object: MediaObject) => overheadBytes + object.length * (object.isCompressible ? 3 : 1)

/** Time between two looks for what is not used any more, ms: the viewers of a live show are seconds apart, not half a minute. */
export const forgetEveryMs = 30_000

export type Cache = ReturnType<typeof createCache>

/**
 * Objects in memory, never more than `fullBytes` in total, or what `setLimit` says. When room is needed, objects of ended sessions go first,
 * then whatever was not used since the last look (second chance: a hit costs one flag, not a reordering).
 */
export function createCache(fullBytes: number, onGone: (object: MediaObject) => void = () => {}) {
  let limitBytes = fullBytes
  const objects = new Map<string, MediaObject>()
  const bySession = new Map<string, Set<MediaObject>>()
  const ended = new Set<string>()
  /** Came since the last look: had no time to be used. */
  const young = new Set<MediaObject>()
  let bytes = 0

  function remove(object: MediaObject) {
    objects.delete(object.key)
    young.delete(object)
    bytes -= costOf(object)
    onGone(object)
    const siblings = bySession.get(object.sessionId)
    siblings?.delete(object)
    if (siblings?.size !== 0) return
    bySession.delete(object.sessionId)
    ended.delete(object.sessionId)
  }

  function evictOne(keep?: MediaObject) {
    for (const sessionId of ended)
      for (const object of bySession.get(sessionId) ?? []) if (object !== keep) return remove(object)
    for (const object of objects.values()) {
      if (!object.wasUsed && object !== keep) return remove(object)
      // Goes to the end of the line, where this loop meets it again with the flag down.
      object.wasUsed = false
      objects.delete(object.key)
      objects.set(object.key, object)
    }
  }

  return {
    /** The object of a key, lapsed or not. */
    get(key: string): MediaObject | undefined {
      const object = objects.get(key)
      if (object !== undefined) object.wasUsed = true
      return object
    },

    /** Keeps an object in the place of an older one; false when it is too large to be kept at all. */
    put(object: MediaObject): boolean {
      const former = objects.get(object.key)
      if (former !== undefined) remove(former)
      if (costOf(object) > limitBytes) return false
      objects.set(object.key, object)
      young.add(object)
      bytes += costOf(object)
      const siblings = bySession.get(object.sessionId)
      if (siblings) siblings.add(object)
      else bySession.set(object.sessionId, new Set([object]))
      while (bytes > limitBytes) evictOne(object)
      return true
    },

    delete(key: string): void {
      const object = objects.get(key)
      if (object !== undefined) remove(object)
    },

    /** Holds no more than this from now on, bytes. */
    setLimit(bytesAllowed: number): void {
      limitBytes = bytesAllowed
      while (bytes > limitBytes) evictOne()
    },

    /** Says that nobody new will come for a session: its objects leave first. */
    endSession(sessionId: string): void {
      if (bySession.has(sessionId)) ended.add(sessionId)
    },

    /**
     * Removes what nobody used since the last look, whatever room there is: a live show leaves its media behind, and
     * memory should not grow with its length. Call it every `forgetEveryMs`.
     */
    forgetUnused(): void {
      for (const object of objects.values()) {
        if (!object.wasUsed && !young.has(object)) remove(object)
        object.wasUsed = false
      }
      young.clear()
    },

    get limitBytes() {
      return limitBytes
    },
    get bytes() {
      return bytes
    },
    get size() {
      return objects.size
    },
  }
}
