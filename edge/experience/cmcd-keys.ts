import type { PlayerReport } from './player-report.ts'

/**
 * Value of a CMCD key, in each form that a known key may need. One object serves all keys, so that parsing
 * allocates nothing.
 */
export class CmcdValue {
  /** `number`: first number in the value. `sum`: sum of all its numbers. NaN when there is none. */
  number = Number.NaN
  sum = Number.NaN
  /** Fingerprint of the last quoted text in the value; NaN when there is none, or it is empty or too long. */
  textHash = Number.NaN
  /** Character code of the last word in the value when that word is a single letter, else 0. */
  letter = 0

  clear(): void {
    this.number = Number.NaN
    this.sum = Number.NaN
    this.textHash = Number.NaN
    this.letter = 0
  }

  addNumber(number: number): void {
    if (Number.isNaN(this.sum)) {
      this.number = number
      this.sum = number
    } else this.sum += number
  }
}

/** A known key of CMCD. `apply` writes a value of the key to a report. */
export interface CmcdKey {
  name: string
  apply(report: PlayerReport, value: CmcdValue): void
}

const audio = 'a'.charCodeAt(0)
/** Returns the value, or NaN ("not reported") when it is above `max` and so not plausible. */
const upTo = (max: number, value: number) => (value <= max ? value : Number.NaN)

/** Key of the flag that the buffer ran dry (`bs`: buffer starvation). */
export const ranDryKey = 'bs'
/**
 * Functions that write the value of a key to a report, by key. CMCD has times in ms and rates in kbit/s
 * (CTA-5004-B).
 */
const meanings: Record<string, CmcdKey['apply']> = {
  sid(report, { textHash }) {
    report.viewer = textHash
  },
  ot(report, { letter }) {
    report.isAudio = letter === audio
  },
  bl(report, { number }) {
    report.bufferMs = upTo(600_000, number)
  },
  br(report, { number }) {
    report.bitrate = 1000 * upTo(1_000_000, number)
  },
  // Players may report the bitrate of the media that they play (`pb`) instead of that of the media that they
  // request (`br`).
  pb(report, { number }) {
    if (Number.isNaN(report.bitrate)) report.bitrate = 1000 * upTo(1_000_000, number)
  },
  mtp(report, { number }) {
    report.throughput = 1000 * upTo(100_000_000, number)
  },
  ltc(report, { number }) {
    report.latencyMs = upTo(3_600_000, number)
  },
  msd(report, { number }) {
    report.joinMs = upTo(120_000, number)
  },
  bsd(report, { sum }) {
    report.stalledMs = upTo(600_000, sum)
  },
  'nowcast-played'(report, { number }) {
    report.playedMs = upTo(60_000, number)
  },
  // The parser handles this flag itself, because it has no value.
  [ranDryKey]() {},
}

/**
 * Known keys by the low bits of their hash. The parser computes the hash while it reads a key, so a lookup
 * creates no string.
 */
const keyTable: (CmcdKey | undefined)[] = Array.from({ length: 128 })
/** Adds a character code to the hash of a key. The hash of no characters is 0. */
export const mix = (hash: number, code: number) => (Math.imul(hash, 31) + code) | 0
for (const [name, apply] of Object.entries(meanings)) {
  const index = [...name].reduce((hash, letter) => mix(hash, letter.charCodeAt(0)), 0) & (keyTable.length - 1)
  if (keyTable[index] !== undefined) throw new Error(`${name} and ${keyTable[index].name} have one hash`)
  keyTable[index] = { name, apply }
}

/**
 * Returns the known key in `text` from index `from` up to, but not including, `to`. The text is compared too,
 * because an unknown key may have the same hash.
 */
export function keyAt(text: string, from: number, to: number, hash: number): CmcdKey | undefined {
  const key = keyTable[hash & (keyTable.length - 1)]
  if (key === undefined || key.name.length !== to - from) return undefined
  return text.startsWith(key.name, from) ? key : undefined
}
