import type { StoreKey } from './store-key.ts'

export interface Upload {
  key: StoreKey
  /** Size of the object, bytes; about that for an index. */
  bytes: number
  /** Whether it comes before all others. For the index of a session, which is small. */
  isFirst?: boolean
  /** Returns the object. Called for each attempt. */
  pieces(): readonly Uint8Array[]
  /** Called once, when the object is stored, or will not be stored. */
  onEnd(isStored: boolean): void
}

/** Creates the lists of the uploads that wait: those that come first, and the others. */
export function createUploadLists() {
  const first = new Map<StoreKey, Upload>()
  const others = new Map<StoreKey, Upload>()
  /** All uploads, also those in progress, by the time of their addition; ms of `performance.now()`. */
  const since = new Map<StoreKey, { addedAt: number; isFirst: boolean }>()
  /** Uploads in progress that were given up: they are not repeated. */
  const givenUp = new Set<StoreKey>()
  let bytes = 0
  let isTurnOfOthers = false

  function list(upload: Upload): void {
    const { key } = upload
    ;(upload.isFirst ? first : others).set(key, upload)
    bytes += upload.bytes
  }

  function remove(key: StoreKey): Upload | undefined {
    const upload = first.get(key) ?? others.get(key)
    if (upload === undefined) return undefined
    ;(upload.isFirst ? first : others).delete(key)
    bytes -= upload.bytes
    return upload
  }

  /** Ends an upload that `next` has returned. */
  function end(upload: Upload, isStored: boolean): void {
    since.delete(upload.key)
    givenUp.delete(upload.key)
    upload.onEnd(isStored)
  }

  function drop(key: StoreKey): void {
    const upload = remove(key)
    if (upload) end(upload, false)
    else if (since.has(key)) givenUp.add(key)
  }

  return {
    /** Size of all objects that wait. */
    get bytes() {
      return bytes
    },
    /** Time since the oldest upload was added that does not come first, ms; 0 when there is none. */
    get ageMs() {
      for (const { addedAt, isFirst } of since.values()) if (!isFirst) return performance.now() - addedAt
      return 0
    },
    /** Adds an upload, and drops the oldest others while there are more than the limits allow. */
    add(upload: Upload, { maxUploads, maxBytes }: { maxUploads: number; maxBytes: number }): void {
      list(upload)
      since.set(upload.key, { addedAt: performance.now(), isFirst: upload.isFirst === true })
      for (const key of others.keys()) if (bytes > maxBytes || others.size > maxUploads) drop(key)
    },
    /**
     * Takes the next upload. `inTurn`: while the store fails, the lists take turns, so that an object that
     * always fails does not block the other list.
     */
    next(inTurn: boolean): Upload | undefined {
      isTurnOfOthers = inTurn && !isTurnOfOthers
      for (const each of isTurnOfOthers ? [others, first] : [first, others])
        for (const key of each.keys()) return remove(key)
      return undefined
    },
    end,
    /** Lists an upload that has failed again, after all others, unless it was given up. */
    repeat: (upload: Upload) => (givenUp.has(upload.key) ? end(upload, false) : list(upload)),
    /** Gives up an upload. One in progress may still succeed, and is not repeated if it fails. */
    drop,
    /** Gives up all uploads. */
    clear(): void {
      for (const key of [...since.keys()]) drop(key)
    },
  }
}
