import { parseH264Sps } from './h264-sps.ts'
import type { VideoFormat } from './video-format.ts'

const hex = (byte: number) => byte.toString(16).padStart(2, '0')

/**
 * Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1).
 * The codec string is `avc1.` with profile, constraints and level (RFC 6381 section 3.3).
 * @throws RangeError when it is cut short or holds no sequence parameter set.
 */
export function parseAvcConfig(record: Buffer): VideoFormat {
  if (record.length < 8 || record[0] !== 1) throw new RangeError('AVC configuration is malformed')
  const spsCount = record.readUInt8(5) & 0x1f
  if (spsCount === 0) throw new RangeError('AVC configuration has no sequence parameter set')
  const spsLength = record.readUInt16BE(6)
  const sps = record.subarray(8, 8 + spsLength)
  if (spsLength < 4 || sps.length < spsLength) throw new RangeError('sequence parameter set is cut short')
  const { width, height, chromaFormat, bitDepth, fps } = parseH264Sps(sps)
  const codecString = `avc1.${hex(sps.readUInt8(1))}${hex(sps.readUInt8(2))}${hex(sps.readUInt8(3))}`
  return {
    codec: 'h264',
    codecString,
    width,
    height,
    fps,
    isBrowserFriendly: chromaFormat === 1 && bitDepth === 8,
  }
}
