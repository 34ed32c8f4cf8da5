/**
 * CEA-608 and CEA-708 captions are part of the video, as supplemental enhancement information of H.264 (annex
 * D.1.6) or HEVC (annex D.2.6) with user data of ATSC A/53 part 4.
 */

/**
 * First bytes of captions: country_code, provider code of ATSC, identifier `GA94`, type of closed captions.
 */
const marker = Buffer.from('b500314741393403', 'hex')
/** NAL unit types of supplemental enhancement information that precedes a picture. */
const [avcSei, hevcPrefixSei] = [6, 39]

/**
 * Whether a sample contains captions before its picture. `lengthSize` is the size of the length before each
 * NAL unit, bytes.
 */
export function hasCaptions(codec: 'h264' | 'hevc', sample: Buffer, lengthSize: number): boolean {
  for (let at = 0; at + lengthSize < sample.length; ) {
    const end = at + lengthSize + sample.readUIntBE(at, lengthSize)
    at += lengthSize
    const first = sample[at] ?? 0
    const type = codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f
    const isPicture = codec === 'h264' ? type >= 1 && type <= 5 : type < 32
    if (isPicture || end > sample.length) return false
    const isSei = type === (codec === 'h264' ? avcSei : hevcPrefixSei)
    if (isSei && sample.subarray(at, end).includes(marker)) return true
    at = end
  }
  return false
}
