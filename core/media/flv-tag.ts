/**
 * An FLV tag has a header of 11 bytes, the payload, and the size of both in 4 bytes (Adobe Flash Video File
 * Format 10.1, annex E.4.1). RTMP messages have the same payload, so ingest receives them directly into tags.
 */
export const tagHeaderBytes = 11
export const tagTrailerBytes = 4

export const audioTag = 8
export const videoTag = 9
export const scriptTag = 18

/** Allocates a tag for a payload of `length` bytes. The memory is not cleared, so callers write all bytes. */
export function newTag(length: number): Buffer {
  return Buffer.allocUnsafe(tagHeaderBytes + length + tagTrailerBytes)
}

/** Returns the payload of a tag, as a view. */
export function payloadOf(tag: Buffer): Buffer {
  return tag.subarray(tagHeaderBytes, tag.length - tagTrailerBytes)
}

/** Returns the length of the payload of a tag, bytes. */
export function payloadLength(tag: Buffer): number {
  return tag.length - tagHeaderBytes - tagTrailerBytes
}

/** Writes the header and the trailer of a tag. `timestamp` is in ms; its low 32 bits are written. */
export function sealTag(tag: Buffer, type: number, timestamp: number): void {
  const size = tag.length - tagHeaderBytes - tagTrailerBytes
  tag[0] = type
  tag[1] = size >>> 16
  tag[2] = size >>> 8
  tag[3] = size
  const low = timestamp % 0x1_0000_0000
  tag[4] = low >>> 16
  tag[5] = low >>> 8
  tag[6] = low
  tag[7] = low >>> 24
  tag[8] = tag[9] = tag[10] = 0
  tag.writeUInt32BE(size + tagHeaderBytes, tag.length - tagTrailerBytes)
}

/** Returns the type of the tag whose header is at offset `at`. The upper three bits of the byte are flags. */
export function tagTypeAt(bytes: Buffer, at: number): number {
  return bytes.readUInt8(at) & 0x1f
}

/** Returns the length of the payload of the tag whose header is at offset `at`, bytes. */
export function payloadLengthAt(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at + 1, 3)
}

/** Returns the timestamp of the tag whose header is at offset `at`, ms, 32 bits. */
export function timestampAt(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 0x100_0000
}

/** Builds a complete tag with a copy of the payload. `timestamp` is in ms. */
export function tagOf(type: number, timestamp: number, payload: Buffer): Buffer {
  const tag = newTag(payload.length)
  payload.copy(tag, tagHeaderBytes)
  sealTag(tag, type, timestamp)
  return tag
}

/** Returns the header of an FLV file (annex E.2) and the PreviousTagSize before the first tag, which is 0. */
export function flvHeader(hasAudio: boolean, hasVideo: boolean): Buffer {
  const flags = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0)
  return Buffer.from([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0])
}

/** Tag that ends the FLV of a session: script data without content. A response without it was cut off. */
export const endOfSession = tagOf(scriptTag, 0, Buffer.alloc(0))

/** Tag that ends the FLV of a publish whose session waits for the publisher: script data of one byte. */
export const endOfPublish = tagOf(scriptTag, 0, Buffer.alloc(1))

/**
 * Tag that shows that the ingest is alive while there is no media: script data of two bytes. The first one
 * follows the start of the FLV. From then on something arrives at least every `keepAliveMs`.
 */
export const keepAlive = tagOf(scriptTag, 0, Buffer.alloc(2))
/** Maximum time between two writes of an ingest to a subscriber, ms. */
export const keepAliveMs = 200
/** Header field of a pull: session time from which the transcoder needs media, ms. Ingests may ignore it. */
export const flvFromField = 'nowcast-from'

export const isEndOfSession = (tag: Buffer) =>
  tag.length === endOfSession.length && tagTypeAt(tag, 0) === scriptTag

export const isEndOfPublish = (tag: Buffer) =>
  tag.length === endOfPublish.length && tagTypeAt(tag, 0) === scriptTag

export const isKeepAlive = (tag: Buffer) => tag.length === keepAlive.length && tagTypeAt(tag, 0) === scriptTag
