import { audioTag, scriptTag, videoTag } from '../../../core/media/flv-tag.ts'
import type { FlvMessage } from '../../../test/kit/flv-messages.ts'
import { amf0 } from '../../../test/kit/ingest/rtmp-bytes.ts'

/** What a mutation may use in addition to the message. */
export interface MutationContext {
  /** Returns a random number, 0 ≤ x < 1. */
  random(): number
  /** Returns a random whole number, 0 ≤ n < `end`. */
  below(end: number): number
  /** Returns a random valid frame of any source. */
  other(): FlvMessage
  /** Returns a random valid codec header of any source. */
  header(): FlvMessage
}

/** Returns a changed message. It must not write to the payload that it gets. */
export type Mutation = (message: FlvMessage, context: MutationContext) => FlvMessage

const fourCcs = ['avc1', 'hvc1', 'av01', 'vp09', 'mp4a', 'Opus', '.mp3', 'ac-3', 'vvc1', '\0\0\0\0']
const enhancedBit = 0x80
const [modEx, videoTracks, audioTracks] = [7, 6, 5]
/** Maximum length of what a mutation adds or makes, bytes. */
const maxLength = 120_000

const withPayload = (message: FlvMessage, payload: Buffer): FlvMessage => ({ ...message, payload })
const copyOf = ({ payload }: FlvMessage) => Buffer.from(payload)
const isEnhanced = ({ payload }: FlvMessage) => ((payload[0] ?? 0) & enhancedBit) !== 0

function randomBytes(length: number, { below }: MutationContext): Buffer {
  return Buffer.from(Array.from({ length }, () => below(256)))
}

/** Flips 1 to `count` bits in the `within` bytes from `from` on. Changes `bytes` in place and returns it. */
function flipBits(
  bytes: Buffer,
  context: MutationContext,
  from: number,
  within: number,
  count: number,
): Buffer {
  const { below } = context
  const length = Math.min(within, bytes.length - from)
  if (length <= 0) return bytes
  for (let left = 1 + below(count); left > 0; left--) {
    const at = from + below(length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
  }
  return bytes
}

/** Mutations after which a session may continue. */
export const mildMutations: Record<string, Mutation> = {
  'bits of the body': (message, context) =>
    withPayload(message, flipBits(copyOf(message), context, 9, maxLength, 16)),
  'bits of the first units': (message, context) =>
    withPayload(message, flipBits(copyOf(message), context, 5, 24, 6)),
  truncated: (message, { below }) =>
    withPayload(message, message.payload.subarray(0, below(message.payload.length + 1))),
  extended: (message, context) =>
    withPayload(message, Buffer.concat([message.payload, randomBytes(context.below(400), context)])),
  'length of a unit': (message, context) => {
    const bytes = copyOf(message)
    const at = isEnhanced(message) ? 8 : 5
    if (bytes.length >= at + 4) bytes.writeUInt32BE(context.below(2 ** 32), at)
    return withPayload(message, bytes)
  },
  'packet type': (message, { below }) => {
    const bytes = copyOf(message)
    if (bytes.length < 2) return withPayload(message, bytes)
    if (isEnhanced(message)) bytes[0] = ((bytes[0] ?? 0) & 0xf0) | below(16)
    else bytes[1] = below(256)
    return withPayload(message, bytes)
  },
  'frame type': (message, { below }) => {
    const bytes = copyOf(message)
    if (message.type === videoTag && bytes.length > 0) {
      const isSet = (bytes[0] ?? 0) & enhancedBit
      bytes[0] = isSet | (below(8) << 4) | ((bytes[0] ?? 0) & 0x0f)
    }
    return withPayload(message, bytes)
  },
  'composition time': (message, { below }) => {
    const bytes = copyOf(message)
    const at = isEnhanced(message) ? 5 : 2
    if (message.type === videoTag && bytes.length >= at + 3) bytes.writeUIntBE(below(2 ** 24), at, 3)
    return withPayload(message, bytes)
  },
  'several tracks': (message, context) => withPayload(message, tracksOf(message, context)),
  modifiers: (message, context) => withPayload(message, modifiedOf(message, context)),
  'another time': (message, { random, below }) => {
    const far = random() < 0.3
    return { ...message, ms: far ? below(2 ** 32) : (message.ms + below(20_000) - 10_000) >>> 0 }
  },
  large: (message, context) => {
    if (context.random() > 0.02) return message
    const filler = Buffer.alloc(context.below(maxLength), context.below(256))
    return withPayload(message, Buffer.concat([message.payload, filler]))
  },
  metadata: (message, context) => ({ type: scriptTag, ms: message.ms, payload: metadataOf(context) }),
  'of another source': (message, { other }) => ({ ...other(), ms: message.ms }),
  'sent again': (message) => message,
}

/** Mutations that often end a session. */
export const harshMutations: Record<string, Mutation> = {
  'bits of the head': (message, context) => withPayload(message, flipBits(copyOf(message), context, 0, 5, 3)),
  'bits of a header': (message, context) => {
    const header = context.header()
    return { ...header, ms: message.ms, payload: flipBits(copyOf(header), context, 5, maxLength, 4) }
  },
  'a truncated header': (message, context) => {
    const header = context.header()
    return {
      ...header,
      ms: message.ms,
      payload: header.payload.subarray(0, context.below(header.payload.length)),
    }
  },
  'a header of another source': (message, { header }) => ({ ...header(), ms: message.ms }),
  FourCC: (message, { below }) => {
    const bytes = copyOf(message)
    if (bytes.length < 5) return withPayload(message, bytes)
    if (message.type === videoTag) bytes[0] = (bytes[0] ?? 0) | enhancedBit
    else bytes[0] = 0x90 | ((bytes[0] ?? 0) & 0x0f)
    bytes.write(fourCcs[below(fourCcs.length)] ?? '', 1, 'latin1')
    return withPayload(message, bytes)
  },
  'message type': (message, { below }) => ({
    ...message,
    type: [audioTag, videoTag, scriptTag][below(3)] ?? audioTag,
  }),
  noise: (message, context) => withPayload(message, randomBytes(context.below(600), context)),
}

/**
 * Returns a payload of enhanced RTMP with several tracks, cut to `maxLength`. Some tracks have a wrong
 * length.
 */
function tracksOf({ type, payload }: FlvMessage, context: MutationContext): Buffer {
  const { below } = context
  const isVideo = type === videoTag
  const first = isVideo ? enhancedBit | (below(3) << 4) | videoTracks : 0x90 | audioTracks
  const layout = below(4)
  const fourCc = Buffer.from(fourCcs[below(3)] ?? '', 'latin1')
  const tracks = Array.from({ length: 1 + below(20) }, () => {
    const body = payload.subarray(0, below(payload.length + 1))
    const length = Buffer.alloc(3)
    length.writeUIntBE(context.random() < 0.1 ? below(2 ** 24) : body.length, 0, 3)
    return Buffer.concat([layout === 2 ? fourCc : Buffer.alloc(0), Buffer.from([below(4)]), length, body])
  })
  return Buffer.concat([Buffer.from([first, (layout << 4) | below(5)]), fourCc, ...tracks]).subarray(
    0,
    maxLength,
  )
}

/**
 * Returns the payload after up to three modifiers (ModEx of enhanced RTMP), some of them with a wrong length.
 */
function modifiedOf(message: FlvMessage, context: MutationContext): Buffer {
  const { below } = context
  const first = message.type === videoTag ? enhancedBit | (below(3) << 4) : 0x90
  const modifiers = Array.from({ length: 1 + below(3) }, (_, index) => {
    const length = below(12)
    return Buffer.concat([
      Buffer.from([length]),
      randomBytes(below(4) === 0 ? below(20) : length + 1, context),
      Buffer.from([index === 2 ? below(5) : below(8)]),
    ])
  })
  return Buffer.concat([Buffer.from([first | modEx]), ...modifiers, message.payload])
}

/** Returns metadata whose values have random types. Half of the results also have flipped bits. */
function metadataOf(context: MutationContext): Buffer {
  const { random, below } = context
  const value = () =>
    [below(2 ** 31), Number.NaN, 'x'.repeat(below(200)), null, random() < 0.5, {}][below(6)] ?? null
  const bytes = Buffer.concat([
    amf0('@setDataFrame'),
    amf0('onMetaData'),
    amf0({
      width: value(),
      height: value(),
      videocodecid: value(),
      audiocodecid: value(),
      framerate: value(),
    }),
  ])
  return random() < 0.5 ? bytes : flipBits(bytes, context, 0, bytes.length, 8)
}
