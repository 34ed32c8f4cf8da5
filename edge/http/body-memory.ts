import type { MediaObject } from '../objects/media-object.ts'

/** Whoever got an object in the moment it went has begun to send it, or not, by then; ms. */
const freedAfterMs = 25

/** Shorter bodies are left to the garbage collector, bytes. */
const shortest = 16_384

export type BodyMemory = ReturnType<typeof createBodyMemory>

/**
 * Gives the memory of media back when the cache let go of it and nobody is being sent it. The garbage collector would do that too, but late:
 * what lies outside its heap it counts by 64 MB, and an edge that forgets much would take that much more than its limit.
 */
export function createBodyMemory() {
  /** Those that went since the last look, and those before whom somebody was still being sent. */
  let gone: MediaObject[] = []
  let waiting: MediaObject[] = []

  function look() {
    const left: MediaObject[] = []
    for (const object of waiting) {
      if (object.readers > 0) left.push(object)
      else free(object)
    }
    waiting = left.concat(gone)
    gone = []
    timer = waiting.length > 0 ? setTimeout(look, freedAfterMs) : undefined
  }
  let timer: NodeJS.Timeout | undefined

  return {
    /** To be called with what will be given to nobody any more. */
    retire(object: MediaObject): void {
      if (!isLong(object)) return
      gone.push(object)
      timer ??= setTimeout(look, freedAfterMs)
    },
    /** Objects that wait for their last readers. */
    get waiting() {
      return waiting.length + gone.length
    },
    close: (): void => clearTimeout(timer),
  }
}

/**
 * To be called for each answer that takes an object's body along: gives what must be called, once, when the system has all of it or the
 * viewer is gone. Undefined where nothing needs to be known. An answer that never calls costs memory until the garbage is collected.
 */
export function lend(object: MediaObject): (() => void) | undefined {
  if (!isLong(object)) return undefined
  object.readers += 1
  return () => {
    object.readers -= 1
  }
}

/** Only media is sent as it came; of playlists there are other forms. */
const isLong = ({ isCompressible, length }: MediaObject) => !isCompressible && length > shortest

function free({ plain }: MediaObject) {
  const { buffer } = plain.body
  if (buffer.byteLength === plain.body.length) giveBack(buffer)
}

/** Gives the memory of bytes back that a socket read, after whoever is just reading them; they must be nobody else's then. */
export function giveBackSoon({ buffer }: Buffer): void {
  if (buffer.byteLength > shortest) setImmediate(giveBack, buffer)
}

function giveBack(buffer: ArrayBufferLike) {
  if (!(buffer instanceof ArrayBuffer) || buffer.detached) return
  try {
    buffer.transfer(0)
  } catch {
    // The pool that Node.js cuts short buffers from is made to refuse.
  }
}
