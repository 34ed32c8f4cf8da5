import { readFileSync } from 'node:fs'
import { audioTag, videoTag } from '../../core/media/flv-tag.ts'
import { type FlvMessage, readFlvMessages } from '../../test/kit/flv-messages.ts'

/** Content of an FLV file in the order in which a publisher sends it. */
export interface FlvMedia {
  /** Metadata and codec headers. They are sent first. */
  head: readonly FlvMessage[]
  /** Frames of audio and video in the order of their decode times. */
  frames: readonly FlvMessage[]
}

/** Reads an FLV file with H.264 and AAC. Leaves out messages that end a sequence. */
export function readFlvFile(path: string): FlvMedia {
  const messages = readFlvMessages(readFileSync(path))
  const isFrame = ({ type, payload }: FlvMessage) =>
    (type === audioTag || type === videoTag) && payload.readUInt8(1) === 1
  const isEnd = ({ type, payload }: FlvMessage) => type === videoTag && payload.readUInt8(1) === 2
  return {
    head: messages.filter((each) => !isFrame(each) && !isEnd(each)),
    frames: messages.filter(isFrame).sort((a, b) => a.ms - b.ms),
  }
}
