import { BitReader } from '../../core/media/bit-reader.ts'
import type { VideoFormat } from './video-format.ts'

const headerBytes = 4
const sequenceHeaderObu = 1
const marker = 0x81

/** Parses an AV1CodecConfigurationRecord ("AV1 in ISOBMFF" section 2.3). @throws RangeError */
export function parseAv1Config(record: Buffer): VideoFormat {
  if (record.length < headerBytes || record[0] !== marker)
    throw new RangeError('AV1 configuration is malformed')
  const profileAndLevel = record.readUInt8(1)
  const flags = record.readUInt8(2)
  const profile = profileAndLevel >> 5
  const level = String(profileAndLevel & 0x1f).padStart(2, '0')
  const tier = flags & 0x80 ? 'H' : 'M'
  const bitDepth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8
  const isSubsampled = (flags & 0x0c) === 0x0c
  const { width, height, fps } = parseSequenceHeader(findSequenceHeader(record.subarray(headerBytes)))
  return {
    codec: 'av1',
    codecString: `av01.${profile}.${level}${tier}.${String(bitDepth).padStart(2, '0')}`,
    width,
    height,
    fps,
    isBrowserFriendly: bitDepth === 8 && isSubsampled,
  }
}

/** Returns the payload of the sequence header among the OBUs (AV1 specification section 5.3). */
function findSequenceHeader(obus: Buffer): Buffer {
  let at = 0
  while (at < obus.length) {
    const header = obus.readUInt8(at)
    at += header & 0x04 ? 2 : 1
    let size = obus.length - at
    if (header & 0x02) {
      size = 0
      for (let i = 0; i < 8; i++) {
        const byte = obus.readUInt8(at++)
        size += (byte & 0x7f) * 2 ** (7 * i)
        if (byte < 0x80) break
      }
    }
    if (((header >> 3) & 0x0f) === sequenceHeaderObu) return obus.subarray(at, at + size)
    at += size
  }
  throw new RangeError('AV1 configuration has no sequence header')
}

/** Parses a sequence header up to the size of the picture (section 5.5.1). */
function parseSequenceHeader(obu: Buffer): { width: number; height: number; fps: number | null } {
  const reader = new BitReader(obu)
  reader.skip(3 + 1) // seq_profile, still_picture
  const reducedStillPicture = reader.flag()
  let fps: number | null = null
  if (reducedStillPicture) reader.skip(5)
  else {
    const hasTiming = reader.flag()
    if (hasTiming) fps = readTiming(reader)
    const delayBits = hasTiming && reader.flag() ? readDecoderModel(reader) : undefined
    skipOperatingPoints(reader, delayBits)
  }
  const widthBits = reader.bits(4) + 1
  const heightBits = reader.bits(4) + 1
  return { width: reader.bits(widthBits) + 1, height: reader.bits(heightBits) + 1, fps }
}

/** Reads timing_info: frames per second, null when pictures have no constant distance. */
function readTiming(reader: BitReader): number | null {
  const unitsInTick = reader.bits(32)
  const timeScale = reader.bits(32)
  if (!reader.flag()) return null
  const ticksPerPicture = reader.ue() + 1
  return unitsInTick > 0 && timeScale > 0 ? timeScale / (unitsInTick * ticksPerPicture) : null
}

/** Skips decoder_model_info and returns the length of a buffer delay, bits. */
function readDecoderModel(reader: BitReader): number {
  const delayBits = reader.bits(5) + 1
  reader.skip(32 + 5 + 5)
  return delayBits
}

function skipOperatingPoints(reader: BitReader, delayBits: number | undefined) {
  const hasInitialDelay = reader.flag()
  for (let left = reader.bits(5) + 1; left > 0; left--) {
    reader.skip(12)
    if (reader.bits(5) > 7) reader.skip(1)
    if (delayBits !== undefined && reader.flag()) reader.skip(2 * delayBits + 1)
    if (hasInitialDelay && reader.flag()) reader.skip(4)
  }
}
