import { amf0OfAmf3 } from './amf3.ts'
import { maxAmfDepth, maxAmfValues } from './limits.ts'
import { ProtocolViolation } from './protocol-violation.ts'

const malformed = (why: string) => new ProtocolViolation('protocol_error', `AMF0: ${why}`)

/** Type markers of values of variable length (AMF 0 specification, section 2). */
const text = 0x02
const object = 0x03
const ecmaArray = 0x08
const strictArray = 0x0a
const longText = 0x0c
/** Type marker of a value of AMF3 (AMF 0 specification, section 3.1). */
const avmplus = 0x11

const emptyObject = Buffer.from([object, 0, 0, 0x09])

/** Number of bytes after the type marker, for types of a fixed length (AMF 0 specification, section 2). */
const fixedLengths = new Map([
  [0x00, 8], // number
  [0x01, 1], // boolean
  [0x05, 0], // null
  [0x06, 0], // undefined
  [0x07, 2], // reference
  [0x0b, 10], // date
])

/**
 * Checks that a payload is a sequence of complete AMF0 values, nested at most `maxAmfDepth` deep. This
 * protects the decoder of the library, which recurses and trusts every length. Returns the payload with AMF3
 * values converted to AMF0. If an AMF3 value outside of an object cannot be parsed, an empty object replaces
 * it and everything after it.
 * @throws ProtocolViolation when the payload is malformed, nested too deeply or has too many values
 */
export function asAmf0(bytes: Buffer): Buffer {
  const walker = new Walker(bytes)
  while (!walker.atEnd) walker.value(0)
  return walker.converted
}

class Walker {
  readonly #bytes: Buffer
  #at = 0
  #values = 0
  /** The payload up to the end of the last value of AMF3, as AMF0; and the offset of that end. */
  readonly #pieces: Buffer[] = []
  #convertedTo = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The payload as AMF0 alone, once all values are checked. */
  get converted(): Buffer {
    if (this.#pieces.length === 0) return this.#bytes
    return Buffer.concat([...this.#pieces, this.#bytes.subarray(this.#convertedTo)])
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  value(depth: number): void {
    if (depth > maxAmfDepth) throw malformed('nested too deeply')
    if (++this.#values > maxAmfValues) throw malformed('too many values')
    const type = this.#number(1)
    const fixed = fixedLengths.get(type)
    if (fixed !== undefined) this.#skip(fixed)
    else if (type === text) this.#skip(this.#number(2))
    else if (type === longText) this.#skip(this.#number(4))
    else if (type === object) this.#members(depth)
    else if (type === ecmaArray) {
      this.#skip(4)
      this.#members(depth)
    } else if (type === strictArray) {
      for (let left = this.#number(4); left > 0; left--) this.value(depth + 1)
    } else if (type === avmplus) this.#amf3(depth)
    else throw malformed(`type ${type} is unknown`)
  }

  #amf3(depth: number): void {
    const start = this.#at - 1
    const converted = amf0OfAmf3(this.#bytes, this.#at)
    if (converted === undefined && depth > 0) throw malformed('AMF3 inside an object cannot be parsed')
    this.#pieces.push(this.#bytes.subarray(this.#convertedTo, start), converted?.value ?? emptyObject)
    this.#at = this.#convertedTo = converted?.end ?? this.#bytes.length
  }

  #members(depth: number): void {
    for (;;) {
      const nameLength = this.#number(2)
      this.#skip(nameLength)
      if (nameLength === 0) {
        if (this.#number(1) !== 0x09) throw malformed('object has no end')
        return
      }
      this.value(depth + 1)
    }
  }

  #number(length: 1 | 2 | 4): number {
    const start = this.#at
    this.#skip(length)
    return this.#bytes.readUIntBE(start, length)
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) throw malformed('value is truncated')
    this.#at += length
  }
}
