import { freeMemory } from '../../core/process/node-internals.ts'
import type { MediaObject } from '../objects/media-object.ts'

/**
 * Time between two checks, ms. It is also a grace period: a response that got an object just before the
 * object was evicted has begun to send it by then.
 */
const checkMs = 25

/** Bodies up to this length are left to the garbage collector, bytes. */
const maxShortBytes = 16_384

/**
 * Frees the memory of evicted media as soon as no response sends it any more. The garbage collector would do
 * so too, but late: it starts for every 64 MB outside of its heap, and an edge that evicts much would exceed
 * its memory limit by that.
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
    /** To be called with an evicted object, which no new response will find. */
    retire(object: MediaObject): void {
      if (!isLong(object)) return
      retired.push(object)
      timer ??= setTimeout(check, checkMs)
    },
    /** Number of evicted objects whose memory is still in use. */
    get waiting() {
      return waiting.length + retired.length
    },
    close: (): void => clearTimeout(timer),
  }
}

/**
 * Counts a response that sends an object's body. The caller calls the returned function once, when the system
 * has taken the whole body or the client is gone; otherwise the memory stays until it is garbage-collected.
 * Returns undefined for an object that need not be counted.
 */
export function lend(object: MediaObject): (() => void) | undefined {
  if (!isLong(object)) return undefined
  object.borrowers += 1
  return () => {
    object.borrowers -= 1
  }
}

/**
 * Whether the memory of a body is worth freeing. Playlists are left out, because their body has other
 * representations.
 */
const isLong = ({ isCompressible, length }: MediaObject) => !isCompressible && length > maxShortBytes
