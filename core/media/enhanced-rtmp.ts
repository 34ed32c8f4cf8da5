/**
 * Payloads of audio and video messages of enhanced RTMP version 2 (Veovera). They name codecs by FourCC, may
 * contain several tracks, and may begin with modifiers.
 */

/** One packet of one track. */
export interface EnhancedPacket {
  /** Number of the track; 0 in a message that is not multitrack. */
  track: number
  /** FourCC as text, such as `hvc1`. */
  fourCc: string
  type: EnhancedPacketType
  /** Frame type of video; 1 is a keyframe (FLV specification 10.1, annex E.4.3.1). 0 for audio. */
  frameType: number
  /** Bytes after all headers. Some begin with a composition time, depending on type and codec. */
  body: Buffer
}

/** Packet types of one track. Audio and video use the same numbers; audio has no `codedFramesX`. */
export type EnhancedPacketType = keyof typeof packetTypes

const packetTypes = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  /** Video frames without a composition time, which is then 0. */
  codedFramesX: 3,
  /** Colour information for video; arrangement of channels for audio. */
  metadata: 4,
} as const

const typesByNumber = new Map<number, EnhancedPacketType>(
  Object.entries(packetTypes).map(([name, number]) => [number, name as EnhancedPacketType]),
)

const modEx = 7
const commandFrame = 5
const metadataType = 4
/** Packet type of a multitrack message, which differs between video and audio. */
const multitrackTypes = { video: 6, audio: 5 }

/**
 * Kinds of multitrack messages (AvMultitrackType). The track of a message with `oneTrack` has no length
 * field. In the other kinds, with several tracks of one codec or of many, each track has a length field.
 */
const oneTrack = 0
const manyTracksManyCodecs = 2
/** Maximum number of tracks that are read from one message. Further ones are ignored. */
const maxTracks = 16

/** Reads bytes in order. Methods throw RangeError at the end. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  uint(length: number): number {
    this.#at += length
    return this.#bytes.readUIntBE(this.#at - length, length)
  }

  text(length: number): string {
    return this.take(length).toString('latin1')
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('message is too short')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  rest(): Buffer {
    return this.take(this.left)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }
}

/**
 * Parses a payload. Returns its packets in order; none for a video command, which has no media.
 * @throws RangeError when the payload is malformed or of an unknown type
 */
export function parseEnhanced(kind: 'video' | 'audio', payload: Buffer): EnhancedPacket[] {
  const cursor = new Cursor(payload)
  const first = cursor.uint(1)
  const frameType = kind === 'video' ? (first >> 4) & 7 : 0
  const type = skipModifiers(cursor, first & 0x0f)
  if (kind === 'video' && frameType === commandFrame && type !== metadataType) return []
  if (type === multitrackTypes[kind]) return parseTracks(cursor, frameType)
  const fourCc = cursor.text(4)
  return [{ track: 0, fourCc, type: typeOf(type), frameType, body: cursor.rest() }]
}

/** Skips ModEx modifiers. Returns the type of the packet after them. `first` is the first packet type. */
function skipModifiers(cursor: Cursor, first: number): number {
  let type = first
  while (type === modEx) {
    let length = cursor.uint(1) + 1
    if (length === 256) length = cursor.uint(2) + 1
    cursor.take(length)
    // The upper half of this byte is the kind of modifier. The only one defined adds nanoseconds to the
    // timestamp.
    type = cursor.uint(1) & 0x0f
  }
  return type
}

function parseTracks(cursor: Cursor, frameType: number): EnhancedPacket[] {
  const head = cursor.uint(1)
  const [layout, type] = [head >> 4, typeOf(head & 0x0f)]
  if (layout > manyTracksManyCodecs) throw new RangeError('arrangement of tracks is unknown')
  let fourCc = layout === manyTracksManyCodecs ? '' : cursor.text(4)
  const packets: EnhancedPacket[] = []
  while (cursor.left > 0 && packets.length < maxTracks) {
    if (layout === manyTracksManyCodecs) fourCc = cursor.text(4)
    const track = cursor.uint(1)
    const body = layout === oneTrack ? cursor.rest() : cursor.take(cursor.uint(3))
    packets.push({ track, fourCc, type, frameType, body })
    if (layout === oneTrack) break
  }
  return packets
}

function typeOf(number: number): EnhancedPacketType {
  const type = typesByNumber.get(number)
  if (type === undefined) throw new RangeError(`packet type ${number} is unknown`)
  return type
}

/** Builds the payload of a video message with one packet. */
export function enhancedVideo(packet: Omit<EnhancedPacket, 'track'>): Buffer {
  return withHeader(0x80 | (packet.frameType << 4) | packetTypes[packet.type], packet)
}

/** Builds the payload of an audio message with one packet. */
export function enhancedAudio(packet: Omit<EnhancedPacket, 'track' | 'frameType'>): Buffer {
  return withHeader(0x90 | packetTypes[packet.type], packet)
}

const withHeader = (first: number, { fourCc, body }: Pick<EnhancedPacket, 'fourCc' | 'body'>) =>
  Buffer.concat([Buffer.from([first]), Buffer.from(fourCc, 'latin1'), body])
