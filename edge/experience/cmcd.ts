import type { IncomingHttpHeaders } from 'node:http'
import { fingerprintOf, highSeed, lowSeed, nextHigh, nextLow } from './fingerprint.ts'
import { clearReport, newReport, type PlayerReport } from './player-report.ts'

/** What a player tells beyond this is not read, characters. */
const longestText = 2048
/** A session id is no longer than this (CTA-5004 3). */
const longestId = 64
const mostDigits = 12

const parameter = 'CMCD='
const headerNames = ['cmcd-object', 'cmcd-request', 'cmcd-session', 'cmcd-status'] as const

/** Where the parameter begins in a request target, behind `?` or `&`; -1 when there is none. */
export function cmcdIn(target: string): number {
  const at = target.indexOf(parameter)
  if (at <= 0) return -1
  const before = target[at - 1]
  return before === '?' || before === '&' ? at : -1
}

/** The target without the parameter: what a player tells of itself does not choose the answer. */
export function withoutCmcd(target: string): string {
  const at = cmcdIn(target)
  if (at < 0) return target
  const end = target.indexOf('&', at)
  return end < 0 ? target.slice(0, at - 1) : target.slice(0, at) + target.slice(end + 1)
}

/** Names and words are compared as numbers, so that no text is made of them. */
const mix = (sum: number, code: number) => (Math.imul(sum, 31) + code) | 0
const nameOf = (text: string) => [...text].reduce((sum, letter) => mix(sum, letter.charCodeAt(0)), 0)

const keys = {
  sid: nameOf('sid'),
  ot: nameOf('ot'),
  bl: nameOf('bl'),
  br: nameOf('br'),
  pb: nameOf('pb'),
  mtp: nameOf('mtp'),
  ltc: nameOf('ltc'),
  msd: nameOf('msd'),
  bsd: nameOf('bsd'),
  bs: nameOf('bs'),
  played: nameOf('nowcast-played'),
} as const
const sound = nameOf('a')

const codeOf = (character: string) => character.charCodeAt(0)
const space = codeOf(' ')
const quote = codeOf('"')
const open = codeOf('(')
const close = codeOf(')')
const comma = codeOf(',')
const semicolon = codeOf(';')
const dot = codeOf('.')
const equals = codeOf('=')
const backslash = codeOf('\\')
const zero = codeOf('0')

/**
 * Reads what players tell of themselves, CMCD 1 and 2 (CTA-5004, CTA-5004-B), in one pass over well and badly formed texts alike and
 * without making objects. The report it gives is the same each time.
 */
export function createCmcdReader() {
  const report = newReport()
  let text = ''
  /** What stands in the value read last: its first number, all its numbers in sum, its text's fingerprint, its word. */
  let number = Number.NaN
  let sum = Number.NaN
  let id = Number.NaN
  let word = 0

  /** Reads a text behind its opening quote; gives where it goes on. */
  function readText(from: number): number {
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
    id = i > from && i - from <= longestId ? fingerprintOf(high, low) : Number.NaN
    return i + 1
  }

  function readNumber(from: number): number {
    let value = 0
    let i = from
    for (; i < text.length && isDigit(text.charCodeAt(i)); i += 1)
      value = value * 10 + text.charCodeAt(i) - zero
    if (i - from > mostDigits) value = Number.NaN
    // Less than a whole ms or kbps is not of interest.
    if (text.charCodeAt(i) === dot) for (i += 1; i < text.length && isDigit(text.charCodeAt(i)); ) i += 1
    if (i < text.length && !isEnd(text.charCodeAt(i))) value = Number.NaN
    if (Number.isNaN(sum)) {
      number = value
      sum = value
    } else sum += value
    return i
  }

  function readWord(from: number): number {
    let i = from
    for (word = 0; i < text.length && isLetter(text.charCodeAt(i)); i += 1)
      word = mix(word, text.charCodeAt(i))
    return i
  }

  /** Reads a value, a single one or a list; gives where the comma behind it is. */
  function readValue(from: number): number {
    number = Number.NaN
    sum = Number.NaN
    id = Number.NaN
    word = 0
    let isInList = false
    // Numbers and words count at the beginning of an item: not behind a sign, nor in its parameters.
    let isItem = true
    let i = from
    while (i < text.length) {
      const code = text.charCodeAt(i)
      if (code === comma && !isInList) break
      if (code === quote) i = readText(i + 1)
      else if (isItem && isDigit(code)) i = readNumber(i)
      else if (isItem && isLetter(code)) i = readWord(i)
      else {
        if (code === open) isInList = true
        else if (code === close) isInList = false
        i += 1
        isItem = code === open || code === space
        continue
      }
      isItem = false
    }
    return i
  }

  function take(key: number): void {
    if (key === keys.sid) report.viewer = id
    else if (key === keys.ot) report.isOfSound = word === sound
    else if (key === keys.bl) report.bufferMs = upTo(600_000, number)
    else if (key === keys.br) report.bitrate = 1000 * upTo(1_000_000, number)
    // What it shows, where it does not tell of what it asks for.
    else if (key === keys.pb && Number.isNaN(report.bitrate)) report.bitrate = 1000 * upTo(1_000_000, number)
    else if (key === keys.mtp) report.throughput = 1000 * upTo(100_000_000, number)
    else if (key === keys.ltc) report.latencyMs = upTo(3_600_000, number)
    else if (key === keys.msd) report.joinMs = upTo(120_000, number)
    else if (key === keys.bsd) report.stalledMs = upTo(600_000, sum)
    else if (key === keys.played) report.playedMs = upTo(60_000, number)
  }

  function read(given: string): void {
    text = given
    for (let i = 0; i < text.length; i += 1) {
      while (i < text.length && text.charCodeAt(i) === space) i += 1
      let key = 0
      let code = 0
      for (; i < text.length; i += 1) {
        code = text.charCodeAt(i)
        if (code === equals || code === comma) break
        key = mix(key, code)
      }
      if (code === equals) {
        i = readValue(i + 1)
        take(key)
        // A key that stands alone is true.
      } else if (key === keys.bs) report.ranDry = true
    }
  }

  return {
    /** What the parameter at `start` (of `cmcdIn`) tells. */
    ofTarget(target: string, start: number): PlayerReport {
      clearReport(report)
      const end = target.indexOf('&', start)
      const length = (end < 0 ? target.length : end) - start
      if (length <= longestText) read(decoded(target.slice(start + parameter.length, start + length)))
      return report
    },

    /** What header fields tell; undefined when there are none. */
    ofHeaders(headers: IncomingHttpHeaders): PlayerReport | undefined {
      let found: PlayerReport | undefined
      for (const name of headerNames) {
        const field = headers[name]
        if (typeof field !== 'string' || field.length > longestText) continue
        if (found === undefined) clearReport(report)
        found = report
        read(field)
      }
      return found
    },
  }
}

/** Nothing of what is not properly encoded. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

const isEnd = (code: number) => code === comma || code === semicolon || code === close || code === space
const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isLetter = (code: number) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a

const upTo = (most: number, value: number) => (value <= most ? value : Number.NaN)
