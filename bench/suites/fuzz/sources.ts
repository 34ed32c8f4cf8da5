import { join } from 'node:path'
import { enhancedVideo } from '../../../core/media/enhanced-rtmp.ts'
import { audioTagOf } from '../../../core/media/flv-audio.ts'
import { audioTag, payloadOf, videoTag } from '../../../core/media/flv-tag.ts'
import { encodeEnhanced } from '../../../test/kit/enhanced-source.ts'
import type { FlvMessage } from '../../../test/kit/flv-messages.ts'
import { type FlvMedia, readFlvFile } from '../../stand/flv-media.ts'
import { encodeSourceFile } from '../../stand/source-file.ts'

/**
 * Valid media that is mutated. Three of the five sources have H.264, which is passed through, because
 * encoding takes much CPU.
 */
export type FuzzSources = readonly FlvMedia[]

const size = '320x180'
/** Bytes of an H.264 message before the composition time: frame type and codec, packet type. */
const avcHeadBytes = 2
const configPacket = 0

/** Encodes sources in forms that publishers use: plain and enhanced H.264, HEVC, AV1, and H.264 with MP3. */
export function encodeFuzzSources(dir: string): FuzzSources {
  const file = join(dir, 'avc.flv')
  encodeSourceFile(file, { size, kbps: 600, gopFrames: 30, bFrames: 2 })
  const avc = readFlvFile(file)
  const enhanced = (['hevc', 'av1'] as const).map((codec) => {
    const messages = encodeEnhanced(dir, codec)
    return { head: messages.slice(0, 2), frames: messages.slice(2) }
  })
  const mp3 = {
    head: avc.head.filter(({ type }) => type !== audioTag),
    frames: avc.frames.map((each) => (each.type === audioTag ? mp3Message(each) : each)),
  }
  return [
    avc,
    { head: avc.head.map(inEnhancedForm), frames: avc.frames.map(inEnhancedForm) },
    ...enhanced,
    mp3,
  ]
}

/** Returns an H.264 message in the form of enhanced RTMP, and any other message unchanged. */
function inEnhancedForm(message: FlvMessage): FlvMessage {
  if (message.type !== videoTag) return message
  const { payload } = message
  const isConfig = payload[1] === configPacket
  const type = isConfig ? 'sequenceStart' : 'codedFrames'
  const body = payload.subarray(isConfig ? avcHeadBytes + 3 : avcHeadBytes)
  const frameType = (payload[0] ?? 0) >> 4
  return { ...message, payload: enhancedVideo({ fourCc: 'avc1', type, frameType, body }) }
}

/** Returns a message with one silent MP3 frame: MPEG-1 layer III, 128 kbit/s, 48 kHz. */
function mp3Message(message: FlvMessage): FlvMessage {
  const frame = Buffer.alloc(384)
  frame.writeUInt32BE(0xfffb_9464)
  return { ...message, payload: payloadOf(audioTagOf('mp3', 'frame', frame)) }
}
