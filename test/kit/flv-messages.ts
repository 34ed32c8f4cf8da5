import { tagHeaderBytes, tagTrailerBytes, tagTypeAt, timestampAt } from '../../core/media/flv-tag.ts'
import { createFlvReader } from '../../transcoder/source/flv-reader.ts'

/** An audio, video or data message as a publisher sends it. */
export interface FlvMessage {
  type: number
  /** Decode time, ms. */
  ms: number
  payload: Buffer
}

/** Parses an FLV file into the messages that a publisher would send. */
export function readFlvMessages(file: Buffer): FlvMessage[] {
  const messages: FlvMessage[] = []
  createFlvReader((tag) =>
    messages.push({
      type: tagTypeAt(tag, 0),
      ms: timestampAt(tag, 0),
      payload: tag.subarray(tagHeaderBytes, -tagTrailerBytes),
    }),
  ).push(file)
  return messages
}
