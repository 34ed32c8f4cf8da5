import type { MediaObject } from './media-object.ts'

/** Estimated memory of an object besides its bodies, bytes: headers and map entries. */
const overheadBytes = 2048

/**
 * Returns the bytes charged for an object. Compressible ones (playlists) count three times their length:
 * plain, gzip (in practice at most half), and both once more without parts.
 */
export const costOf = (object: MediaObject) => overheadBytes + object.length * (object.isCompressible ? 3 : 1)

/**
 * Time between two calls of `forgetUnused`, ms. Viewers request the same live media within a few seconds, so
 * what is unused for this long is not live any more.
 */
export const forgetEveryMs = 30_000

export type Cache = ReturnType<typeof createCache>

/**
 * Keeps objects in memory, at most `fullBytes` in total, or as many as `setLimit` allows. When room is
 * needed, objects of ended sessions go first, then objects that were not used recently (second chance: a hit
 * sets one flag and reorders nothing). `onRemoved` gets each object that leaves the cache.
 */
export function createCache(fullBytes: number, onRemoved: (object: MediaObject) => void = () => {}) {
  let limitBytes = fullBytes
  let bytes = 0
  const objects = new Map<string, MediaObject>()
  const sessions = createSessionIndex()
  /** Objects added since the last `forgetUnused`. They have had no time to be used. */
  const young = new Set<MediaObject>()

  function remove(object: MediaObject | undefined) {
    if (object === undefined) return
    objects.delete(object.key)
    young.delete(object)
    sessions.remove(object)
    bytes -= costOf(object)
    onRemoved(object)
  }

  function shrink(keep?: MediaObject) {
    // The loop ends, because an object that alone exceeds the limit never gets into the cache.
    while (bytes > limitBytes) remove(sessions.firstEnded(keep) ?? unusedOne(objects, keep))
  }

  return {
    /** Returns the object of a key, expired or not, and marks it as used. */
    get(key: string): MediaObject | undefined {
      const object = objects.get(key)
      if (object !== undefined) object.wasUsed = true
      return object
    },

    /**
     * Adds an object in place of an older one with the same key. When it is too large to be kept, only
     * removes the older one, and returns false.
     */
    put(object: MediaObject): boolean {
      remove(objects.get(object.key))
      if (costOf(object) > limitBytes) return false
      objects.set(object.key, object)
      young.add(object)
      sessions.add(object)
      bytes += costOf(object)
      shrink(object)
      return true
    },

    /** Sets the limit, and evicts objects until the cache keeps to it. */
    setLimit(allowedBytes: number): void {
      limitBytes = allowedBytes
      shrink()
    },

    delete: (key: string): void => remove(objects.get(key)),

    /** Marks a session as ended. It gets no new viewers, so its objects are evicted first. */
    endSession: sessions.end,

    /**
     * Removes objects that were not used recently, even when there is room: memory must not grow with the
     * length of a show. Objects added since the last call stay. To be called every `forgetEveryMs`.
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

/**
 * Returns an object other than `keep` that has not been used since this function last cleared its flag;
 * undefined when there are no objects.
 */
function unusedOne(objects: Map<string, MediaObject>, keep: MediaObject | undefined) {
  for (const object of objects.values()) {
    if (!object.wasUsed && object !== keep) return object
    // Moves the object to the end of the map, where this loop meets it again without its flag.
    object.wasUsed = false
    objects.delete(object.key)
    objects.set(object.key, object)
  }
  return undefined
}

/** Index of objects by session. It also knows which of these sessions have ended. */
function createSessionIndex() {
  const bySession = new Map<string, Set<MediaObject>>()
  const ended = new Set<string>()
  return {
    add(object: MediaObject): void {
      const siblings = bySession.get(object.sessionId)
      if (siblings) siblings.add(object)
      else bySession.set(object.sessionId, new Set([object]))
    },
    remove(object: MediaObject): void {
      const siblings = bySession.get(object.sessionId)
      siblings?.delete(object)
      if (siblings?.size !== 0) return
      bySession.delete(object.sessionId)
      ended.delete(object.sessionId)
    },
    end(sessionId: string): void {
      if (bySession.has(sessionId)) ended.add(sessionId)
    },
    /** Returns any object of an ended session, other than `except`. */
    firstEnded(except: MediaObject | undefined): MediaObject | undefined {
      for (const sessionId of ended)
        for (const object of bySession.get(sessionId) ?? []) if (object !== except) return object
      return undefined
    },
  }
}
