import { freeMemory } from '../../core/process/node-internals.ts'
import type { MediaObject } from '../objects/media-object.ts'

/**
 * Time between two checks, ms. An evicted object is freed at least this long after its eviction. By then, a
 * response that found the object just before has begun and counts as a borrower.
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
  /**
   * `retired`: objects evicted since the last check. `waiting`: earlier ones, which responses may still send.
   */
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
    /** To be called with each object after the cache has removed it. */
    retire(object: MediaObject): void {
      if (!isLong(object)) return
      retired.push(object)
      timer ??= setTimeout(check, checkMs)
    },
    /** Number of evicted objects whose memory has not been freed yet. */
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
 * Whether the memory of a body is worth freeing. Playlists are not: their gzip and part-free variants have
 * bodies of their own, and other forms of a playlist share its body.
 */
const isLong = ({ isCompressible, length }: MediaObject) => !isCompressible && length > maxShortBytes
