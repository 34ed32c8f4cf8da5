import { audioPacketOf } from '../../core/media/flv-audio.ts'
import {
  audioTag,
  payloadLengthAt,
  scriptTag,
  tagHeaderBytes,
  tagTrailerBytes,
  tagTypeAt,
  timestampAt,
  videoTag,
} from '../../core/media/flv-tag.ts'
import { compositionTimeOf, videoPacketOf } from '../../core/media/flv-video.ts'

/** What the head of an FLV tag says (Adobe Flash Video File Format 10.1, annex E.4). */
export interface FlvTag {
  kind: 'audio' | 'video' | 'script'
  /** Decode timestamp, ms. */
  timestamp: number
  /** Whether it is codec configuration, which must never be left out. */
  isHeader: boolean
  isKeyframe: boolean
  /** Presentation time minus decode time, ms; not 0 where the encoder reorders frames. */
  compositionMs: number
}

/** Length of the file header with the size field after it. */
const fileHeaderBytes = 13
/**
 * Length of a tag header with the bytes of the body that mark configuration, keyframes and composition time.
 */
const headBytes = 16

/**
 * Parses FLV in chunks of any length and keeps the tags that `keeps` accepts, without copying them. `accept`
 * returns the kept pieces of a chunk: mostly the chunk itself, nothing if all of it is left out.
 */
export function createTagParser(keeps: (tag: FlvTag) => boolean) {
  /** Bytes of the current tag that have not arrived. */
  let left = fileHeaderBytes
  let isKept = true
  /** Beginning of a tag that is too short to parse. */
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
          if (!isKept) from = at
          if (left > 0) break
        }
        if (bytes.length - at < headBytes) {
          keep(at)
          // A copy, so that a few bytes do not keep the whole chunk in memory.
          head = Buffer.from(bytes.subarray(at))
          return kept
        }
        const isNextKept = keeps(parseTag(bytes, at))
        if (isNextKept !== isKept) {
          if (isKept) keep(at)
          from = at
          isKept = isNextKept
        }
        left = tagHeaderBytes + payloadLengthAt(bytes, at) + tagTrailerBytes
      }
      if (isKept) keep(at)
      return kept
    },
  }
}

const kinds: Record<number, FlvTag['kind']> = {
  [audioTag]: 'audio',
  [videoTag]: 'video',
  [scriptTag]: 'script',
}

function parseTag(bytes: Buffer, at: number): FlvTag {
  const kind = kinds[tagTypeAt(bytes, at)]
  if (kind === undefined) throw new Error('the source did not send FLV')
  const timestamp = timestampAt(bytes, at)
  const plain = { kind, timestamp, isHeader: false, isKeyframe: false, compositionMs: 0 }
  if (kind === 'script') return { ...plain, isHeader: true }
  const length = payloadLengthAt(bytes, at)
  const payload = at + tagHeaderBytes
  if (kind === 'audio') return { ...plain, isHeader: audioPacketOf(bytes, length, payload) === 'config' }
  const packet = videoPacketOf(bytes, length, payload)
  return {
    ...plain,
    isHeader: packet === 'config',
    isKeyframe: packet === 'keyframe',
    compositionMs: compositionTimeOf(bytes, payload),
  }
}
