/** ADTS puts a header before each AAC frame, as in transport streams (ISO/IEC 14496-3 section 1.A.3.2). */

/** Length of a header without and with a checksum, bytes. */
const [shortHeader, longHeader] = [7, 9]

export interface AdtsFrame {
  /** AudioSpecificConfig that is equivalent to the header. */
  config: Buffer
  /** The frame without its header, as a view of the input. */
  body: Buffer
}

/** Splits bytes that consist of whole ADTS frames. Returns undefined for any other bytes. */
export function parseAdts(bytes: Buffer): AdtsFrame[] | undefined {
  const frames: AdtsFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    if (!isHeader(bytes, at)) return undefined
    const header = (bytes.readUInt8(at + 1) & 1) === 1 ? shortHeader : longHeader
    const length = (bytes.readUInt32BE(at + 3) >>> 13) & 0x1fff
    if (length <= header || at + length > bytes.length) return undefined
    frames.push({ config: configOf(bytes, at), body: bytes.subarray(at + header, at + length) })
    at += length
  }
  return frames.length > 0 ? frames : undefined
}

/** Returns the AudioSpecificConfig for the ADTS header with which `bytes` begin; undefined without one. */
export const configOfAdtsHeader = (bytes: Buffer): Buffer | undefined =>
  isHeader(bytes, 0) ? configOf(bytes, 0) : undefined

const isHeader = (bytes: Buffer, at: number) =>
  bytes.length - at >= shortHeader && (bytes.readUInt16BE(at) & 0xfff6) === 0xfff0

function configOf(bytes: Buffer, at: number): Buffer {
  const fields = bytes.readUIntBE(at + 2, 2)
  const objectType = (fields >> 14) + 1
  const rateIndex = (fields >> 10) & 0x0f
  const channels = (fields >> 6) & 7
  return Buffer.from([(objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3)])
}
