import { execFileSync } from 'node:child_process'
import { audioTag, videoTag } from '../../../core/media/flv-tag.ts'
import { readFlvMessages } from '../flv-messages.ts'
import { type TestVideoOptions, testVideoArgs } from '../transcoder/flv-source.ts'

/** An audio, video or data message of a publisher. */
export interface MediaMessage {
  type: number
  /** When it is sent, ms since the start. */
  at: number
  /** RTMP timestamp, ms. */
  timestamp: number
  payload: Buffer
}

const encoded = new Map<string, readonly MediaMessage[]>()

/**
 * Encodes a moving picture with a tone, by default 6 s of 320x180. Each message is sent at the time of its
 * timestamp. Calls with the same options return the same messages.
 */
export function encodeMessages(options: TestVideoOptions = {}): readonly MediaMessage[] {
  const args = testVideoArgs({ size: '320x180', seconds: 6, ...options }).filter((arg) => arg !== '-re')
  const name = args.join(' ')
  const known = encoded.get(name)
  if (known) return known
  const output = ['-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1']
  const flv = execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...args, ...output], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const messages = readFlvMessages(flv).map(({ ms, ...message }) => ({ ...message, at: ms, timestamp: ms }))
  encoded.set(name, messages)
  return messages
}

export const isVideo = ({ type }: MediaMessage) => type === videoTag
export const isAudio = ({ type }: MediaMessage) => type === audioTag
/** Whether a message of H.264 or AAC is a codec header. */
export const isHeader = (message: MediaMessage) =>
  (isVideo(message) || isAudio(message)) && message.payload[1] === 0
export const isKeyframe = (message: MediaMessage) =>
  isVideo(message) && message.payload[0] === 0x17 && message.payload[1] === 1

/** Changes the timestamps of the messages for which `isMeant` is true, or of all. They wrap at 2^32 ms. */
export const withTimes = (
  messages: readonly MediaMessage[],
  timeOf: (ms: number) => number,
  isMeant: (message: MediaMessage) => boolean = () => true,
): MediaMessage[] =>
  messages.map((message) =>
    isMeant(message) ? { ...message, timestamp: timeOf(message.timestamp) >>> 0 } : message,
  )

/** Replaces each message by one per payload that `payloadsOf` returns. They keep type and times. */
export const withPayloads = (
  messages: readonly MediaMessage[],
  payloadsOf: (message: MediaMessage) => readonly Buffer[],
): MediaMessage[] =>
  messages.flatMap((message) => payloadsOf(message).map((payload) => ({ ...message, payload })))

/** Returns the NAL units of a message with an H.264 frame, without their lengths. */
export function unitsOf({ payload }: MediaMessage): Buffer[] {
  const units: Buffer[] = []
  for (let at = 5; at + 4 <= payload.length; ) {
    const end = at + 4 + payload.readUInt32BE(at)
    units.push(payload.subarray(at + 4, end))
    at = end
  }
  return units
}

/** Returns the sequence parameter set and the picture parameter set from the first header of H.264. */
export function parameterSetsIn(messages: readonly MediaMessage[]): [Buffer, Buffer] {
  const header = messages.find((message) => isVideo(message) && isHeader(message))?.payload ?? Buffer.alloc(0)
  const spsEnd = 13 + header.readUInt16BE(11)
  const ppsStart = spsEnd + 3
  return [header.subarray(13, spsEnd), header.subarray(ppsStart, ppsStart + header.readUInt16BE(spsEnd + 1))]
}
