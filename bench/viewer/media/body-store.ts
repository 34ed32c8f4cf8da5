import { createHash } from 'node:crypto'
import { pathOf } from './media-playlist.ts'
import { type MediaTimes, readMediaTimes, readTimescale } from './media-times.ts'

/**
 * What is wrong with a response 200. `torn`: it is not whole. `repeated`: the media of the piece before.
 * `stale`: older than what was asked for. `wrong`: other media, or other bytes than another viewer received.
 */
export type MediaFault = 'torn' | 'repeated' | 'stale' | 'wrong'

/** A part or segment as a viewer received it. */
export interface ReadMedia {
  /** Undefined when the media is not whole, or is a transport stream. */
  times: MediaTimes | undefined
  /** Whether the media is MPEG-2 TS, whose times are not read. */
  isTransportStream: boolean
  /** Whether the bytes are those that others received, and those of the origin as far as these are known. */
  isRight: boolean
  /** Another path with the same bytes; undefined when there is no such path. */
  sameAs: string | undefined
}

interface Known extends ReadMedia {
  bytes: Buffer
  sha1: string
}

/** Maximum length of bodies that are compared as a whole, bytes. Longer ones are compared by samples. */
const maxComparedBytes = 16_384
const sampleBytes = 1024
/** First byte and length of a packet of MPEG-2 TS (ISO/IEC 13818-1 2.4.3.2). */
const tsSync = 0x47
const tsPacketBytes = 188
/** Maximum number of bodies that are kept, and of init segments. */
const maxBodies = 512
const maxInits = 64

/**
 * Reads media and compares it with what other viewers received. `truth` returns the SHA-1 of the right body
 * for a path as hexadecimal digits; undefined when it is not known.
 */
export function createBodyStore(truth: (target: string) => string | undefined) {
  const bodies = new Map<string, Known>()
  const paths = new Map<string, string>()
  const timescales = new Map<string, number>()

  function judge(path: string, bytes: Buffer): Known {
    const sha1 = createHash('sha1').update(bytes).digest('hex')
    const right = truth(path)
    const other = paths.get(sha1)
    return {
      times: readMediaTimes(bytes),
      isTransportStream: bytes[0] === tsSync && bytes.length % tsPacketBytes === 0,
      isRight: right === undefined || right === sha1,
      sameAs: other === path ? undefined : other,
      bytes: Buffer.from(bytes),
      sha1,
    }
  }
  function keep(path: string, body: Known) {
    bodies.set(path, body)
    paths.set(body.sha1, path)
    const [oldest] = bodies
    if (bodies.size <= maxBodies || oldest === undefined) return
    bodies.delete(oldest[0])
    paths.delete(oldest[1].sha1)
  }

  return {
    /** Reads a part or segment. Bytes that are known for its path are not parsed again. */
    read(target: string, bytes: Buffer): ReadMedia {
      const path = pathOf(target)
      const known = bodies.get(path)
      if (known !== undefined && isSame(known.bytes, bytes)) return known
      const judged = judge(path, bytes)
      if (known !== undefined) judged.isRight = false
      else if ((judged.times ?? judged.isTransportStream) && judged.isRight && judged.sameAs === undefined)
        keep(path, judged)
      return judged
    },

    /** Reads an init segment. Returns its ticks per second; undefined when it has no `mdhd`. */
    readInit(target: string, bytes: Buffer): number | undefined {
      const path = pathOf(target)
      const timescale = timescales.get(path) ?? readTimescale(bytes)
      if (timescale !== undefined && timescales.size < maxInits) timescales.set(path, timescale)
      return timescale
    },

    timescaleOf: (init: string): number | undefined => timescales.get(pathOf(init)),
  }
}

/** Whether two bodies are equal. Compares only both ends and a random part between them if they are long. */
function isSame(one: Buffer, other: Buffer): boolean {
  if (one.length !== other.length) return false
  if (one.length <= maxComparedBytes) return one.equals(other)
  const between = Math.floor(Math.random() * (one.length - sampleBytes))
  return [0, between, one.length - sampleBytes].every(
    (from) => one.compare(other, from, from + sampleBytes, from, from + sampleBytes) === 0,
  )
}
