import { freeMemory } from '../../core/process/node-internals.ts'
import type { MediaObject } from '../objects/media-object.ts'

/**
 * Time between two checks, ms. An object is freed at least this long after it was evicted. By then a response
 * that found it just before has begun and counts as a borrower.
 */
const checkMs = 25

/** Maximum length of a body that is left to the garbage collector, bytes. */
const maxShortBytes = 16_384

/**
 * Frees the memory of evicted media once no response sends it any more. The garbage collector would do so
 * later: it waits for 64 MB of growth outside of its heap, so an edge that evicts much would exceed its
 * memory limit.
 */
export function createBodyMemory() {
  /** Objects evicted since the last check, and earlier ones that may still be in use. */
  let retired: MediaObject[] = []
  let waiting: MediaObject[] = []
  let timer: NodeJS.Timeout | undefined

  function check() {
    const stillLent: MediaObject[] = []
    for (const object of waiting) {
      if (object.borrowers > 0) stillLent.push(object)
      else freeMemory(object.plain.body)
    }
    waiting = stillLent.concat(retired)
    retired = []
    timer = waiting.length > 0 ? setTimeout(check, checkMs) : undefined
  }

  return {
    /** To be called with each object that the cache has removed, so that no new response can find it. */
    retire(object: MediaObject): void {
      if (!isLong(object)) return
      retired.push(object)
      timer ??= setTimeout(check, checkMs)
    },
    /** Number of removed objects whose memory is still to be freed. */
    get waiting() {
      return waiting.length + retired.length
    },
    close: (): void => clearTimeout(timer),
  }
}

/**
 * Counts a response that sends an object's body. The caller must call the returned function once, when the
 * system has taken the whole body or the client is gone; without that call the memory is never freed. Returns
 * undefined for an object that need not be counted.
 */
export function lend(object: MediaObject): (() => void) | undefined {
  if (!isLong(object)) return undefined
  object.borrowers += 1
  return () => {
    object.borrowers -= 1
  }
}

/**
 * Whether the memory of a body is worth freeing. Playlists are left out, because gzip and variants without
 * parts have bodies of their own.
 */
const isLong = ({ isCompressible, length }: MediaObject) => !isCompressible && length > maxShortBytes
