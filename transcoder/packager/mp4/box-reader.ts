import { readUint64, typeCode } from './box.ts'
import { MediaError } from './media-error.ts'

type KeptBox = 'moov' | 'moof' | 'mdat'

/** Boxes whose bodies are kept, with their maximum size. */
const kept = new Map<number, { type: KeptBox; maxBytes: number }>([
  [typeCode('moov'), { type: 'moov', maxBytes: 1 << 20 }],
  [typeCode('moof'), { type: 'moof', maxBytes: 1 << 16 }],
  [typeCode('mdat'), { type: 'mdat', maxBytes: 16 << 20 }],
])

/** Boxes that ffmpeg writes and the packager does not need. */
const skipped = new Set(['ftyp', 'styp', 'sidx', 'free', 'mfra', 'prft', 'emsg'].map(typeCode))

/** Receives a complete top-level box. */
export type OnBox = (type: KeptBox, body: Buffer) => void

/**
 * Finds top-level boxes in a stream of bytes that arrives in chunks of any size. Bodies of `moov`, `moof` and
 * `mdat` are passed on whole, without a copy when they arrived in one chunk. Bodies of other boxes are not
 * kept.
 */
export function createBoxReader(onBox: OnBox) {
  const header = Buffer.alloc(16)
  let headerLength = 0
  /** Type of the box whose body is being read; undefined when the body is skipped. */
  let type: KeptBox | undefined
  /** Bytes of the body that have not arrived; undefined while the header is read. */
  let missing: number | undefined
  let pieces: Buffer[] = []

  /** Reads header bytes from `at`. Returns where it stopped. */
  function readHeader(chunk: Buffer, at: number): number {
    // Nearly always the header is complete, so nothing is copied.
    if (headerLength === 0 && chunk.length - at >= 8 && chunk.readUInt32BE(at) !== 1) {
      beginBody(chunk.readUInt32BE(at), 8, chunk.readUInt32BE(at + 4))
      return at + 8
    }
    const wanted = headerLength >= 8 && header.readUInt32BE(0) === 1 ? 16 : 8
    const taken = Math.min(wanted - headerLength, chunk.length - at)
    chunk.copy(header, headerLength, at, at + taken)
    headerLength += taken
    if (headerLength === wanted && !(wanted === 8 && header.readUInt32BE(0) === 1)) {
      const size = wanted === 16 ? readUint64(header, 8) : header.readUInt32BE(0)
      beginBody(size, wanted, header.readUInt32BE(4))
    }
    return at + taken
  }

  function beginBody(size: number, length: number, code: number) {
    if (size < length) throw new MediaError(`box size ${size} is less than its header`)
    const found = kept.get(code)
    if (!found && !skipped.has(code)) throw new MediaError('box of unknown type')
    if (found && size - length > found.maxBytes)
      throw new MediaError(`${found.type} box of ${size} bytes is too large`)
    type = found?.type
    headerLength = 0
    missing = size - length
    pieces = []
    if (missing === 0) endBody()
  }

  function readBody(chunk: Buffer, at: number, left: number): number {
    const end = Math.min(chunk.length, at + left)
    if (type) pieces.push(chunk.subarray(at, end))
    missing = left - (end - at)
    if (missing === 0) endBody()
    return end
  }

  function endBody() {
    const [first] = pieces
    const body = first && pieces.length === 1 ? first : Buffer.concat(pieces)
    missing = undefined
    pieces = []
    if (type) onBox(type, body)
  }

  return {
    /** Reads the next bytes. @throws MediaError when they are not boxes or a box is too large. */
    push(chunk: Buffer): void {
      let at = 0
      while (at < chunk.length)
        at = missing === undefined ? readHeader(chunk, at) : readBody(chunk, at, missing)
    },
  }
}
