import { readFileSync } from 'node:fs'
import {
  audioTag,
  payloadLengthAt,
  tagHeaderBytes,
  tagTrailerBytes,
  tagTypeAt,
  timestampAt,
  videoTag,
} from '../../core/media/flv-tag.ts'

export interface FlvMessage {
  type: number
  /** Decode time, ms. */
  ms: number
  payload: Buffer
}

/** Content of an FLV file in the order in which a publisher sends it. */
export interface FlvMedia {
  /** Metadata and codec headers, which are sent first. */
  head: readonly FlvMessage[]
  /** Frames of audio and video in the order of their times. */
  frames: readonly FlvMessage[]
}

const fileHeaderBytes = 13

/** Parses an FLV file with H.264 and AAC. */
export function readFlvFile(path: string): FlvMedia {
  const bytes = readFileSync(path)
  const messages: FlvMessage[] = []
  for (let at = fileHeaderBytes; at + tagHeaderBytes < bytes.length; ) {
    const from = at + tagHeaderBytes
    const to = from + payloadLengthAt(bytes, at)
    messages.push({
      type: tagTypeAt(bytes, at),
      ms: timestampAt(bytes, at),
      payload: bytes.subarray(from, to),
    })
    at = to + tagTrailerBytes
  }
  const isFrame = ({ type, payload }: FlvMessage) =>
    (type === audioTag || type === videoTag) && payload.readUInt8(1) === 1
  const isEnd = ({ type, payload }: FlvMessage) => type === videoTag && payload.readUInt8(1) === 2
  return {
    head: messages.filter((each) => !isFrame(each) && !isEnd(each)),
    frames: messages.filter(isFrame).sort((a, b) => a.ms - b.ms),
  }
}
