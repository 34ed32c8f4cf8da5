/** Reads the bits of a codec header, most significant first. Methods throw RangeError at the end. */
export class BitReader {
  readonly #bytes: Uint8Array
  #bit = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length * 8 - this.#bit
  }

  /** Reads an unsigned number of up to 32 bits. */
  bits(count: number): number {
    if (count > this.left) throw new RangeError('codec header is too short')
    let value = 0
    for (let i = 0; i < count; i++, this.#bit++) {
      const byte = this.#bytes[this.#bit >> 3] ?? 0
      value = value * 2 + ((byte >> (7 - (this.#bit & 7))) & 1)
    }
    return value
  }

  flag(): boolean {
    return this.bits(1) === 1
  }

  skip(count: number): void {
    if (count > this.left) throw new RangeError('codec header is too short')
    this.#bit += count
  }

  /** Reads ue(v), an unsigned Exp-Golomb number (H.264 section 9.1). */
  ue(): number {
    let zeros = 0
    while (!this.flag()) if (++zeros > 32) throw new RangeError('Exp-Golomb number is too long')
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** Reads se(v), a signed Exp-Golomb number (H.264 section 9.1.1). */
  se(): number {
    const code = this.ue()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}

/** Removes the emulation prevention bytes of a NAL unit (H.264 section 7.4.1, H.265 section 7.4.2). */
export function withoutEmulationPrevention(nal: Uint8Array): Uint8Array {
  const out = new Uint8Array(nal.length)
  let length = 0
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    out[length++] = byte
  }
  return out.subarray(0, length)
}
