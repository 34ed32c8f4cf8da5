import { BitReader } from './bit-reader.ts'
import { transferOf, type VideoFormat } from './video-format.ts'

const headerBytes = 4
const sequenceHeaderObu = 1
const marker = 0x81

/**
 * Parses an AV1CodecConfigurationRecord ("AV1 in ISOBMFF" section 2.3). @throws RangeError when it is
 * malformed
 */
export function parseAv1Config(record: Buffer): VideoFormat {
  if (record.length < headerBytes || record[0] !== marker)
    throw new RangeError('AV1 configuration is malformed')
  const profileAndLevel = record.readUInt8(1)
  const flags = record.readUInt8(2)
  const profile = profileAndLevel >> 5
  const level = String(profileAndLevel & 0x1f).padStart(2, '0')
  const tier = flags & 0x80 ? 'H' : 'M'
  const bitDepth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8
  const header = parseSequenceHeader(findSequenceHeader(record.subarray(headerBytes)))
  return {
    codec: 'av1',
    codecString: `av01.${profile}.${level}${tier}.${String(bitDepth).padStart(2, '0')}`,
    ...header,
    pixelAspect: 1,
    bitDepth,
    chroma: chromaOf(flags),
    isInterlaced: false,
  }
}

/**
 * Returns the payload of the first sequence header in a series of OBUs (AV1 specification section 5.3).
 * @throws RangeError when there is none
 */
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

/** Returns the chroma format from the third byte of the record. */
function chromaOf(flags: number): VideoFormat['chroma'] {
  if (flags & 0x10) return '4:0:0'
  if ((flags & 0x08) === 0) return '4:4:4'
  return flags & 0x04 ? '4:2:0' : '4:2:2'
}

/** Parses a sequence header (AV1 specification section 5.5.1). @throws RangeError when it is truncated */
function parseSequenceHeader(obu: Buffer): Pick<VideoFormat, 'width' | 'height' | 'fps' | 'transfer'> {
  const reader = new BitReader(obu)
  const profile = reader.bits(3)
  reader.skip(1) // still_picture
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
  const size = { width: reader.bits(widthBits) + 1, height: reader.bits(heightBits) + 1 }
  return { ...size, fps, transfer: readTransfer(reader, profile, reducedStillPicture) }
}

/**
 * Reads the fields after the picture size, up to transfer_characteristics in color_config (AV1 specification
 * section 5.5.2). Returns `sdr` when the header ends before that field.
 */
function readTransfer(reader: BitReader, profile: number, isReduced: boolean): VideoFormat['transfer'] {
  try {
    skipTools(reader, isReduced)
    reader.skip(3) // enable_superres, enable_cdef, enable_restoration
    const isHighBitDepth = reader.flag()
    if (profile === 2 && isHighBitDepth) reader.skip(1) // twelve_bit
    if (profile !== 1) reader.skip(1) // mono_chrome
    if (!reader.flag()) return 'sdr'
    reader.skip(8) // color_primaries
    return transferOf(reader.bits(8))
  } catch {
    return 'sdr'
  }
}

/** Skips the fields after the picture size, up to order_hint_bits_minus_1 (section 5.5.1). */
function skipTools(reader: BitReader, isReduced: boolean) {
  if (!isReduced && reader.flag()) reader.skip(4 + 3) // lengths of frame ids
  reader.skip(3) // superblocks, filter intra, intra edge filter
  if (isReduced) return
  reader.skip(4) // interintra, masked compound, warped motion, dual filter
  const hasOrderHint = reader.flag()
  if (hasOrderHint) reader.skip(2) // jnt_comp, ref_frame_mvs
  const forcesScreenContent = reader.flag() || reader.flag()
  if (forcesScreenContent && !reader.flag()) reader.skip(1) // force_integer_mv
  if (hasOrderHint) reader.skip(3) // order_hint_bits
}

/**
 * Reads timing_info (AV1 specification section 5.5.3). Returns frames per second; null when the rate is not
 * constant or not stated.
 */
function readTiming(reader: BitReader): number | null {
  const unitsInTick = reader.bits(32)
  const timeScale = reader.bits(32)
  if (!reader.flag()) return null
  const ticksPerPicture = reader.ue() + 1
  return unitsInTick > 0 && timeScale > 0 ? timeScale / (unitsInTick * ticksPerPicture) : null
}

/** Reads decoder_model_info (AV1 specification section 5.5.4). Returns the length of buffer delays, bits. */
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
