const sampleRates = [44_100, 48_000, 32_000]

/** Reads the head of an MP3 frame (ISO/IEC 11172-3 section 2.4.1.3, with the half and quarter rates of MPEG-2 and 2.5); undefined when it is none. */
export function parseMp3Header(frame: Buffer): { sampleRate: number; channels: number } | undefined {
  if (frame.length < 4) return undefined
  const header = frame.readUInt32BE(0)
  if (header >>> 21 !== 0x7ff) return undefined
  const version = (header >>> 19) & 3
  const rate = sampleRates[(header >>> 10) & 3]
  if (rate === undefined || version === 1) return undefined
  const divisor = [4, 1, 2, 1][version] ?? 1
  return { sampleRate: rate / divisor, channels: ((header >>> 6) & 3) === 3 ? 1 : 2 }
}
