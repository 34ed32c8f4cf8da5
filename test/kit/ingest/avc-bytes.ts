/** Encoders of H.264 for tests: sequence parameter sets, configuration records and samples. */

class BitWriter {
  readonly #bits: number[] = []

  bits(count: number, value: number): this {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push(Math.floor(value / 2 ** bit) % 2)
    return this
  }

  /** Writes ue(v), an unsigned Exp-Golomb number (H.264 section 9.1). */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1))
    return this.bits(length, 0).bits(length + 1, value + 1)
  }

  /** Returns the bits, followed by the stop bit and zeros up to a whole byte. */
  bytes(): Buffer {
    const bits = [...this.#bits, 1]
    while (bits.length % 8 > 0) bits.push(0)
    return Buffer.from(
      Array.from({ length: bits.length / 8 }, (_, n) =>
        bits.slice(n * 8, n * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
      ),
    )
  }
}

/**
 * Returns a sequence parameter set of the Baseline profile. Width and height are multiples of 16. With `fps`
 * it has a VUI that states the frame rate.
 */
export function avcSps(width: number, height: number, fps?: number): Buffer {
  const writer = new BitWriter()
    .bits(8, 0x67)
    .bits(8, 66) // profile_idc
    .bits(8, 0xc0)
    .bits(8, 52) // level_idc
    .ue(0) // seq_parameter_set_id
    .ue(0) // log2_max_frame_num_minus4
    .ue(2) // pic_order_cnt_type
    .ue(1) // max_num_ref_frames
    .bits(1, 0)
    .ue(width / 16 - 1)
    .ue(height / 16 - 1)
    .bits(1, 1) // frame_mbs_only_flag
    .bits(1, 1) // direct_8x8_inference_flag
    .bits(1, 0) // frame_cropping_flag
    .bits(1, fps === undefined ? 0 : 1)
  if (fps !== undefined)
    writer
      .bits(4, 0) // no aspect ratio, overscan, signal type, chroma location
      .bits(1, 1)
      .bits(32, 500)
      .bits(32, fps * 1000)
      .bits(1, 1)
      .bits(4, 0) // no HRD parameters, pic_struct, bitstream restriction
  return withEmulationPrevention(writer.bytes())
}

/** Inserts a 3 where three bytes would look like a start code or an inserted 3 (H.264 section 7.4.1). */
function withEmulationPrevention(nal: Buffer): Buffer {
  const bytes: number[] = []
  for (const byte of nal) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3)
    bytes.push(byte)
  }
  return Buffer.from(bytes)
}

const avcPps = Buffer.from('68ce0fc8', 'hex')

/** Returns an AVCDecoderConfigurationRecord with one sequence parameter set and one picture parameter set. */
export function avcRecord(sps: Buffer): Buffer {
  const count = (unit: Buffer) => Buffer.from([unit.length >> 8, unit.length & 0xff])
  return Buffer.concat([
    Buffer.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1]),
    ...[count(sps), sps, Buffer.from([1]), count(avcPps), avcPps],
  ])
}

/** Returns NAL units of H.264, each after its length of four bytes. */
export const avcSample = (...units: readonly Buffer[]) =>
  Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(unit.length)
      return [length, unit]
    }),
  )
