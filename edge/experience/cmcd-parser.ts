import { CmcdValue, keyAt, mix, ranDryKey } from './cmcd-keys.ts'
import { fingerprintOf, highSeed, lowSeed, nextHigh, nextLow } from './fingerprint.ts'
import type { PlayerReport } from './player-report.ts'

/** Maximum length of a session id, characters (CTA-5004 3). */
const maxIdLength = 64
const maxDigits = 12

const codeOf = (character: string) => character.charCodeAt(0)
const space = codeOf(' ')
const quote = codeOf('"')
const listStart = codeOf('(')
const listEnd = codeOf(')')
const comma = codeOf(',')
const semicolon = codeOf(';')
const dot = codeOf('.')
const equals = codeOf('=')
const backslash = codeOf('\\')
const zero = codeOf('0')

const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isLetter = (code: number) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
const endsItem = (code: number) => code === comma || code === semicolon || code === listEnd || code === space

/** Skips a value, which may be a quoted text or a list. Returns the position after the value. */
function endOfValue(text: string, from: number): number {
  let isInText = false
  let isInList = false
  let i = from
  for (; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (isInText) {
      if (code === backslash) i += 1
      else if (code === quote) isInText = false
    } else if (code === comma && !isInList) break
    else if (code === quote) isInText = true
    else if (code === listStart) isInList = true
    else if (code === listEnd) isInList = false
  }
  return i
}

/**
 * Parses CMCD 1 and 2 (CTA-5004, CTA-5004-B) in one pass, without creating objects or strings. It accepts
 * malformed texts and takes from them what it can.
 */
export class CmcdParser {
  readonly #report: PlayerReport
  readonly #value = new CmcdValue()

  constructor(report: PlayerReport) {
    this.#report = report
  }

  /** Adds the values in `text` to the report, which the caller has cleared. */
  parse(text: string): void {
    for (let i = 0; i < text.length; i += 1) {
      while (i < text.length && text.charCodeAt(i) === space) i += 1
      const from = i
      let hash = 0
      let code = 0
      for (; i < text.length; i += 1) {
        code = text.charCodeAt(i)
        if (code === equals || code === comma) break
        hash = mix(hash, code)
      }
      const key = keyAt(text, from, i, hash)
      if (code !== equals) {
        if (key?.name === ranDryKey) this.#report.ranDry = true
      } else if (key === undefined) i = endOfValue(text, i + 1)
      else {
        i = this.#readValue(text, i + 1)
        key.apply(this.#report, this.#value)
      }
    }
  }

  /** Reads a value, which may be a list, into `#value`. Returns the position after the value. */
  #readValue(text: string, from: number): number {
    this.#value.clear()
    let isInList = false
    // A number or word counts only at the start of an item. Elsewhere it belongs to a parameter or follows a
    // sign.
    let isItemStart = true
    let i = from
    while (i < text.length) {
      const code = text.charCodeAt(i)
      if (code === comma && !isInList) break
      if (code === quote) i = this.#readText(text, i + 1)
      else if (isItemStart && isDigit(code)) i = this.#readNumber(text, i)
      else if (isItemStart && isLetter(code)) i = this.#readWord(text, i)
      else {
        if (code === listStart) isInList = true
        else if (code === listEnd) isInList = false
        i += 1
        isItemStart = code === listStart || code === space
        continue
      }
      isItemStart = false
    }
    return i
  }

  /** Reads a quoted text from after its opening quote. Returns the position after its closing quote. */
  #readText(text: string, from: number): number {
    let high: number = highSeed
    let low: number = lowSeed
    let i = from
    for (; i < text.length; i += 1) {
      const code = text.charCodeAt(i)
      if (code === quote) break
      if (code === backslash) i += 1
      high = nextHigh(high, code)
      low = nextLow(low, code)
    }
    const isId = i > from && i - from <= maxIdLength
    this.#value.textHash = isId ? fingerprintOf(high, low) : Number.NaN
    return i + 1
  }

  /**
   * Reads a number and drops its fraction. A number with too many digits, or directly followed by other
   * characters, becomes NaN. Returns the position after the number.
   */
  #readNumber(text: string, from: number): number {
    let number = 0
    let i = from
    for (; i < text.length && isDigit(text.charCodeAt(i)); i += 1)
      number = number * 10 + text.charCodeAt(i) - zero
    if (i - from > maxDigits) number = Number.NaN
    if (text.charCodeAt(i) === dot) for (i += 1; i < text.length && isDigit(text.charCodeAt(i)); ) i += 1
    if (i < text.length && !endsItem(text.charCodeAt(i))) number = Number.NaN
    this.#value.addNumber(number)
    return i
  }

  /** Reads a word and keeps it only if it is a single letter. Returns the position after the word. */
  #readWord(text: string, from: number): number {
    let i = from
    while (i < text.length && isLetter(text.charCodeAt(i))) i += 1
    this.#value.letter = i - from === 1 ? text.charCodeAt(from) : 0
    return i
  }
}
