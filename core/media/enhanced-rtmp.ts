/**
 * Payloads of audio and video messages in the format of enhanced RTMP (Veovera, version 2): codecs by FourCC,
 * several tracks in one message, and modifiers.
 */

/** One packet of one track. */
export interface EnhancedPacket {
  /** Number of the track; 0 unless the message has several. */
  track: number
  /** FourCC as text, such as `hvc1`. */
  fourCc: string
  type: EnhancedPacketType
  /** Video only: frame type of FLV 10.1 (annex E.4.3.1); 1 is a keyframe. */
  frameType: number
  /** Payload after all headers; with the composition time where the type has one. */
  body: Buffer
}

/** Packet types, the same for audio and video where both have them. */
export type EnhancedPacketType = keyof typeof packetTypes

const packetTypes = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  /** Video without a composition time. */
  codedFramesX: 3,
  /** Video: colour information. Audio: arrangement of channels. */
  metadata: 4,
} as const

const typesByNumber = new Map<number, EnhancedPacketType>(
  Object.entries(packetTypes).map(([name, number]) => [number, name as EnhancedPacketType]),
)

const modEx = 7
const commandFrame = 5
const metadataType = 4
/** The packet type that announces several tracks. */
const multitrackTypes = { video: 6, audio: 5 }

/** Kinds of multitrack messages: tracks of one codec or of many have a length, a single track has none. */
const oneTrack = 0
const manyTracksManyCodecs = 2
/** Maximum number of tracks read from one message. */
const maxTracks = 16

/** Reads bytes in order. Throws RangeError at the end. */
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
 * Parses a payload, in the order of its tracks. Returns nothing for a video command, which has no media.
 * @throws RangeError when it is malformed or of an unknown type.
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

/** Skips ModEx packets, which modify the packet that follows them. Returns the type of that packet. */
function skipModifiers(cursor: Cursor, first: number): number {
  let type = first
  while (type === modEx) {
    let length = cursor.uint(1) + 1
    if (length === 256) length = cursor.uint(2) + 1
    cursor.take(length)
    // The upper half says what was modified: the time, by nanoseconds.
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

/** The payload of a video message with one packet. */
export function enhancedVideo(packet: Omit<EnhancedPacket, 'track'>): Buffer {
  return withHeader(0x80 | (packet.frameType << 4) | packetTypes[packet.type], packet)
}

/** The payload of an audio message with one packet. */
export function enhancedAudio(packet: Omit<EnhancedPacket, 'track' | 'frameType'>): Buffer {
  return withHeader(0x90 | packetTypes[packet.type], packet)
}

const withHeader = (first: number, { fourCc, body }: Pick<EnhancedPacket, 'fourCc' | 'body'>) =>
  Buffer.concat([Buffer.from([first]), Buffer.from(fourCc, 'latin1'), body])
