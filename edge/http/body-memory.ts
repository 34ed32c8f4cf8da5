import type { MediaObject } from '../objects/media-object.ts'
import { freeMemory } from './node-internals.ts'

/**
 * Time between two checks, ms. It is also a grace period: responses that got an object just before it was
 * evicted have begun to send it by then.
 */
const checkMs = 25

/** Bodies up to this length are left to the garbage collector, bytes. */
const maxShortBytes = 16_384

/**
 * Frees the memory of evicted media as soon as no response sends it any more. The garbage collector would do
 * so too, but late: it starts for every 64 MB outside of its heap, and an edge that evicts much would exceed
 * its limit by that.
 */
export function createBodyMemory() {
  /** Objects evicted since the last check, and earlier ones that were still being sent. */
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
    /** Takes an object that no new response will send. */
    retire(object: MediaObject): void {
      if (!isLong(object)) return
      retired.push(object)
      timer ??= setTimeout(check, checkMs)
    },
    /** Number of objects that wait for their last borrowers. */
    get waiting() {
      return waiting.length + retired.length
    },
    close: (): void => clearTimeout(timer),
  }
}

/**
 * Counts a response that sends an object's body. Returns the function to call once, when the system has taken
 * all of it or the client is gone; undefined when the object need not be counted. A response that never calls
 * it keeps the memory until the garbage is collected.
 */
export function lend(object: MediaObject): (() => void) | undefined {
  if (!isLong(object)) return undefined
  object.borrowers += 1
  return () => {
    object.borrowers -= 1
  }
}

/** Only media is sent as it came; playlists have other representations. */
const isLong = ({ isCompressible, length }: MediaObject) => !isCompressible && length > maxShortBytes
