import { maxAmfDepth, maxAmfValues } from './limits.ts'

/** Type markers of AMF3 (AMF 3 specification, section 3.1). */
const [undefinedMarker, nullMarker, falseMarker, trueMarker] = [0, 1, 2, 3]
const [integerMarker, doubleMarker, textMarker, dateMarker, arrayMarker, objectMarker] = [4, 5, 6, 8, 9, 10]
/**
 * Maximum length of a converted text, bytes; longer ones are cut. Otherwise many references to one long text
 * could make the output very large.
 */
const maxText = 1000

const nullOfAmf0 = Buffer.from([5])
const objectEnd = Buffer.from([0, 0, 9])

interface Traits {
  isDynamic: boolean
  names: readonly string[]
}

/**
 * Converts the AMF3 value at offset `at` to AMF0. The value follows the marker `avmplus-object` in a sequence
 * of AMF0 values (AMF 0 specification, section 3.1). Arrays, `undefined`, and references to earlier objects
 * or dates become null. Returns undefined when the value is malformed, too large or of a type that cannot be
 * parsed.
 */
export function amf0OfAmf3(bytes: Buffer, at: number): { value: Buffer; end: number } | undefined {
  const reader = new Amf3Reader(bytes, at)
  try {
    const value = reader.value(0)
    return { value, end: reader.at }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Reads AMF3 values and returns each as AMF0. Methods throw RangeError on bytes that are malformed or not
 * supported.
 */
class Amf3Reader {
  readonly #bytes: Buffer
  readonly #texts: string[] = []
  readonly #traits: Traits[] = []
  #values = 0
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  value(depth: number): Buffer {
    if (depth > maxAmfDepth || ++this.#values > maxAmfValues) throw new RangeError('AMF3 is too large')
    const marker = this.#bytes.readUInt8(this.at++)
    if (marker === undefinedMarker || marker === nullMarker) return nullOfAmf0
    if (marker === falseMarker || marker === trueMarker) return Buffer.from([1, marker - falseMarker])
    if (marker === integerMarker) return numberOf((this.#integer() << 3) >> 3)
    if (marker === doubleMarker) return numberOf(this.#double())
    if (marker === textMarker) return Buffer.concat([Buffer.from([2]), nameOf(this.#text())])
    if (marker === dateMarker) return this.#date()
    if (marker === arrayMarker) return this.#array(depth)
    if (marker === objectMarker) return this.#object(depth)
    throw new RangeError(`AMF3: type ${marker} is unknown`)
  }

  #object(depth: number): Buffer {
    const head = this.#integer()
    if ((head & 1) === 0) return nullOfAmf0
    const { names, isDynamic } = this.#traitsOf(head)
    const members = names.map((name) => [nameOf(name), this.value(depth + 1)])
    if (isDynamic)
      for (let name = this.#text(); name !== ''; name = this.#text())
        members.push([nameOf(name), this.value(depth + 1)])
    return Buffer.concat([Buffer.from([3]), ...members.flat(), objectEnd])
  }

  /** Reads the class of an object, its *traits* (AMF 3 specification, section 3.12). */
  #traitsOf(head: number): Traits {
    if ((head & 2) === 0) {
      const known = this.#traits[head >> 2]
      if (known === undefined) throw new RangeError('AMF3: traits are unknown')
      return known
    }
    if ((head & 4) !== 0) throw new RangeError('AMF3: object has a format of its own')
    const count = head >> 4
    if (count > maxAmfValues) throw new RangeError('AMF3: too many members')
    this.#text()
    const traits = { isDynamic: (head & 8) !== 0, names: Array.from({ length: count }, () => this.#text()) }
    this.#traits.push(traits)
    return traits
  }

  #array(depth: number): Buffer {
    const head = this.#integer()
    if ((head & 1) === 0) return nullOfAmf0
    while (this.#text() !== '') this.value(depth + 1)
    for (let left = head >> 1; left > 0; left--) this.value(depth + 1)
    return nullOfAmf0
  }

  #date(): Buffer {
    return (this.#integer() & 1) === 0 ? nullOfAmf0 : numberOf(this.#double())
  }

  #text(): string {
    const head = this.#integer()
    if ((head & 1) === 0) {
      const known = this.#texts[head >> 1]
      if (known === undefined) throw new RangeError('AMF3: text is unknown')
      return known
    }
    const end = this.at + (head >> 1)
    if (end > this.#bytes.length) throw new RangeError('AMF3: text is truncated')
    const text = this.#bytes.toString('utf8', this.at, end)
    this.at = end
    if (text !== '') this.#texts.push(text)
    return text
  }

  #double(): number {
    this.at += 8
    return this.#bytes.readDoubleBE(this.at - 8)
  }

  /** Reads an integer of up to 29 bits in 1 to 4 bytes (AMF 3 specification, section 1.3.1). */
  #integer(): number {
    let value = 0
    for (let n = 0; n < 3; n++) {
      const byte = this.#bytes.readUInt8(this.at++)
      value = (value << 7) | (byte & 0x7f)
      if (byte < 0x80) return value
    }
    return (value << 8) | this.#bytes.readUInt8(this.at++)
  }
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeDoubleBE(value, 1)
  return bytes
}

/** Encodes a text, cut to `maxText` bytes, after its length in 16 bits. */
function nameOf(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, maxText)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
