/** Number of frames without a codec header after which one is derived; about a second at 48 kHz. */
const patience = 48
/** Number of samples in a frame of AAC-LC. */
const frameSamples = 1024
/** Sampling frequencies by their index (ISO/IEC 14496-3 table 1.18), Hz. 7350 is left out. */
const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
]
const aacLc = 2
/** Id of the syntactic element with which a mono frame begins (ISO/IEC 14496-3 table 4.85). */
const singleChannel = 0

export type AacHeaderGuess = ReturnType<typeof createAacHeaderGuess>

/**
 * Creates an object that derives an AudioSpecificConfig when the encoder sends none. The sample rate follows
 * from the timestamps of frames, mono or stereo from the first element of a frame. The profile is assumed to
 * be LC, which nearly all encoders use.
 */
export function createAacHeaderGuess() {
  let first: number | undefined
  let frames = 0
  return {
    /**
     * Adds a frame; `timestamp` is in ms. Returns the AudioSpecificConfig after more than `patience` frames,
     * if their timestamps increased; otherwise undefined.
     */
    add(frame: Buffer, timestamp: number): Buffer | undefined {
      first ??= timestamp
      frames += 1
      const elapsedMs = (timestamp - first) | 0
      if (frames <= patience || elapsedMs <= 0) return undefined
      const measured = (frameSamples * (frames - 1) * 1000) / elapsedMs
      const distance = (rate: number) => Math.abs(Math.log(rate / measured))
      const rate = sampleRates.reduce((best, each) => (distance(each) < distance(best) ? each : best))
      const index = sampleRates.indexOf(rate)
      const channels = (frame[0] ?? 0) >> 5 === singleChannel ? 1 : 2
      return Buffer.from([(aacLc << 3) | (index >> 1), ((index & 1) << 7) | (channels << 3)])
    },
  }
}

/** Number of samples at 48 kHz that a decoder must skip at the start; this is the delay of libopus. */
const opusPreSkip = 312

/** Builds an identification header for one or two channels (RFC 7845 section 5.1). */
export function opusHeader(channels: number): Buffer {
  const header = Buffer.alloc(19)
  header.write('OpusHead', 'latin1')
  header[8] = 1
  header[9] = channels
  header.writeUInt16LE(opusPreSkip, 10)
  header.writeUInt32LE(48_000, 12)
  return header
}

/** Whether `config` can be used as an identification header. Some encoders send an empty or a shorter one. */
export const isOpusHeader = (config: Buffer) =>
  config.length >= 19 && config.toString('latin1', 0, 8) === 'OpusHead' && (config[9] ?? 0) > 0
