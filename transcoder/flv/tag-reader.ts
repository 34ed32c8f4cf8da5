/** What stands at the head of an FLV tag (Adobe FLV specification 10.1, annex E.4). */
export interface FlvTag {
  kind: 'audio' | 'video' | 'script'
  /** Decoding timestamp, ms. */
  timestamp: number
  /** Codec set-up, which must never be left out. */
  isHeader: boolean
  isKeyframe: boolean
  /** From decoding to presentation, ms: more than 0 where the encoder reorders frames. */
  compositionMs: number
}

/** File header with the size field after it. */
const fileHeaderBytes = 13
/** Tag header with the first bytes of the body, which tell codec set-up, keyframes and composition time. */
const headBytes = 16
/** The size field after each tag. */
const trailerBytes = 4

/**
 * Walks over FLV in chunks of any size and keeps the tags that `keeps` wants, without copying them.
 * `accept` gives what is left of a chunk: mostly the chunk itself, nothing when all of it was left out.
 */
export function createTagReader(keeps: (tag: FlvTag) => boolean) {
  /** Bytes of the present tag that are still to come. */
  let left = fileHeaderBytes
  let keeping = true
  /** The beginning of a tag that is too short to judge. */
  let head: Buffer = Buffer.alloc(0)

  return {
    /** @throws Error when the bytes are not FLV. */
    accept(chunk: Buffer): Buffer[] {
      const bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk])
      head = bytes.subarray(0, 0)
      const kept: Buffer[] = []
      let from = 0
      let at = 0
      const keep = (end: number) => {
        if (end > from) kept.push(bytes.subarray(from, end))
      }
      for (;;) {
        if (left > 0) {
          const step = Math.min(left, bytes.length - at)
          at += step
          left -= step
          if (!keeping) from = at
          if (left > 0) break
        }
        if (bytes.length - at < headBytes) {
          keep(at)
          // A copy, so that a few bytes do not hold the whole chunk in memory.
          head = Buffer.from(bytes.subarray(at))
          return kept
        }
        const wanted = keeps(readTag(bytes, at))
        if (wanted !== keeping) {
          if (keeping) keep(at)
          from = at
          keeping = wanted
        }
        left = 11 + bytes.readUIntBE(at + 1, 3) + trailerBytes
      }
      if (keeping) keep(at)
      return kept
    },
  }
}

const kinds: Record<number, FlvTag['kind']> = { 8: 'audio', 9: 'video', 18: 'script' }

function readTag(bytes: Buffer, at: number): FlvTag {
  const kind = kinds[bytes.readUInt8(at) & 0x1f]
  if (kind === undefined) throw new Error('the source did not send FLV')
  const timestamp = bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 0x1000000
  const first = bytes.readUInt8(at + 11)
  const second = bytes.readUInt8(at + 12)
  const plain = { kind, timestamp, isHeader: false, isKeyframe: false, compositionMs: 0 }
  if (kind === 'script') return { ...plain, isHeader: true }
  if (kind === 'audio') return { ...plain, isHeader: first >> 4 === 10 && second === 0 }
  // Enhanced RTMP: the first bit set, then the frame type and the packet type; type 0 starts the sequence.
  const isEnhanced = (first & 0x80) !== 0
  const isHeader = isEnhanced ? (first & 0x0f) === 0 : second === 0
  const isKeyframe = !isHeader && ((first >> 4) & 7) === 1
  const isAvcFrame = !isEnhanced && (first & 0x0f) === 7 && second === 1
  return { ...plain, isHeader, isKeyframe, compositionMs: isAvcFrame ? bytes.readIntBE(at + 13, 3) : 0 }
}
