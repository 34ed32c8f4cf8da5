import { MediaError } from './media-error.ts'

/** Largest body that is kept, bytes, of each box that is read. */
const maxBodyBytes: Readonly<Record<string, number>> = {
  moov: 1 << 20,
  moof: 1 << 16,
  mdat: 16 << 20,
}

/** Boxes that ffmpeg writes and nobody here needs. */
const skipped = new Set(['ftyp', 'styp', 'sidx', 'free', 'mfra', 'prft', 'emsg'])

/** A whole top-level box. */
export type OnBox = (type: string, body: Buffer) => void

/**
 * Finds top-level boxes in a stream of bytes that comes in pieces of any size. Bodies of `moov`, `moof` and `mdat` are given whole,
 * without a copy when they came in one piece; what is skipped is never held.
 */
export function createBoxReader(onBox: OnBox) {
  const header = Buffer.alloc(16)
  let headerLength = 0
  let type = ''
  /** Bytes of the body still to come; undefined while the header is read. */
  let missing: number | undefined
  let pieces: Buffer[] | undefined

  /** Takes header bytes from `at`; gives where it stopped. */
  function readHeader(chunk: Buffer, at: number): number {
    const wanted = headerLength >= 8 && header.readUInt32BE(0) === 1 ? 16 : 8
    const taken = Math.min(wanted - headerLength, chunk.length - at)
    chunk.copy(header, headerLength, at, at + taken)
    headerLength += taken
    if (headerLength === wanted && !(wanted === 8 && header.readUInt32BE(0) === 1)) beginBody(wanted)
    return at + taken
  }

  function beginBody(length: number) {
    const size = length === 16 ? Number(header.readBigUInt64BE(8)) : header.readUInt32BE(0)
    type = header.toString('latin1', 4, 8)
    if (size < length) throw new MediaError(`box size ${size} is less than its header`)
    const limit = maxBodyBytes[type]
    if (limit === undefined && !skipped.has(type)) throw new MediaError('a box of unknown type')
    if (limit !== undefined && size - length > limit)
      throw new MediaError(`${type} box of ${size} bytes is too large`)
    headerLength = 0
    missing = size - length
    pieces = limit === undefined ? undefined : []
    if (missing === 0) endBody()
  }

  function readBody(chunk: Buffer, at: number, left: number): number {
    const end = Math.min(chunk.length, at + left)
    pieces?.push(chunk.subarray(at, end))
    missing = left - (end - at)
    if (missing === 0) endBody()
    return end
  }

  function endBody() {
    const [first, ...rest] = pieces ?? []
    const body = first && rest.length === 0 ? first : Buffer.concat(pieces ?? [])
    const isKept = pieces !== undefined
    missing = undefined
    pieces = undefined
    if (isKept) onBox(type, body)
  }

  return {
    /** Takes the next bytes. @throws MediaError when they are not boxes, or a box is too large. */
    push(chunk: Buffer): void {
      let at = 0
      while (at < chunk.length)
        at = missing === undefined ? readHeader(chunk, at) : readBody(chunk, at, missing)
    },
  }
}
