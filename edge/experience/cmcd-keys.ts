import type { PlayerReport } from './player-report.ts'

/** A value in every form that a key may ask for. */
export class CmcdValue {
  /** Its first number, and the sum of all its numbers. NaN when it has none. */
  number = Number.NaN
  sum = Number.NaN
  /** Fingerprint of its quoted text. NaN when it has none. */
  textHash = Number.NaN
  /** Its last word when that is a single letter, as a character code; else 0. */
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

/** A key of CMCD and what its value means for a report. */
export interface CmcdKey {
  name: string
  apply(report: PlayerReport, value: CmcdValue): void
}

const audio = 'a'.charCodeAt(0)
/** Returns NaN for values that cannot be true. */
const upTo = (max: number, value: number) => (value <= max ? value : Number.NaN)

/** The key of the flag that the buffer ran dry. */
export const ranDryKey = 'bs'
/** What the value of each key means. Times are in ms, rates in kbit/s (CTA-5004-B). */
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
  // The bitrate that plays, for players that do not report the one they request.
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
  // A flag: it is present or absent, and has no value.
  [ranDryKey]() {},
}

/** Known keys by the low bits of their hash, which is computed while a key is read. */
const keyTable: (CmcdKey | undefined)[] = Array.from({ length: 128 })
/** Adds a character to the hash of a key. */
export const mix = (hash: number, code: number) => (Math.imul(hash, 31) + code) | 0
for (const [name, apply] of Object.entries(meanings)) {
  const index = [...name].reduce((hash, letter) => mix(hash, letter.charCodeAt(0)), 0) & (keyTable.length - 1)
  if (keyTable[index] !== undefined) throw new Error(`${name} and ${keyTable[index].name} have one hash`)
  keyTable[index] = { name, apply }
}

/** Finds the known key at `from..to`. The text decides, because unknown keys may have the same hash. */
export function keyAt(text: string, from: number, to: number, hash: number): CmcdKey | undefined {
  const key = keyTable[hash & (keyTable.length - 1)]
  if (key === undefined || key.name.length !== to - from) return undefined
  return text.startsWith(key.name, from) ? key : undefined
}
