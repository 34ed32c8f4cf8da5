import type { ReadPlaylist } from '../../../test/kit/playlist.ts'

/** Time between two reads after which segments may have left the playlist unseen, ms. */
const maxUnseenMs = 10_000
/** Number of segments whose discontinuity numbers are remembered. */
const maxSegments = 100

interface Seen {
  mediaSequence: number
  discontinuitySequence: number
  /** Number of the last whole segment. */
  last: number
  at: number
}

/** Checks the numbers of one media playlist of one session, as one edge serves it over time. */
export class SequenceCheck {
  #seen: Seen | undefined
  /** Discontinuity number of each segment by its media sequence number. */
  readonly #discontinuities = new Map<number, number>()
  readonly #gaps = new Set<number>()

  /** Number of segments with the tag EXT-X-GAP so far: their media is missing. */
  get gaps(): number {
    return this.#gaps.size
  }

  /** Compares a playlist, read at `at` (ms), with those before. Returns what is wrong, one line each. */
  read(playlist: ReadPlaylist, at: number): string[] {
    const { mediaSequence, discontinuitySequence, segments } = playlist
    // An edge under load leaves out parts, and with them the segment that is not complete yet.
    const whole = segments.findLast(({ uri }) => uri !== undefined)
    const now = { mediaSequence, discontinuitySequence, last: whole?.msn ?? mediaSequence - 1, at }
    const wrong = this.#seen === undefined ? [] : stepsBetween(this.#seen, now)
    wrong.push(...this.#readSegments(playlist))
    this.#seen = now
    return wrong
  }

  #readSegments({ discontinuitySequence, segments }: ReadPlaylist): string[] {
    const wrong: string[] = []
    let number = discontinuitySequence
    for (const { msn, discontinuity, gap } of segments) {
      if (discontinuity) number += 1
      if (gap) this.#gaps.add(msn)
      const before = this.#discontinuities.get(msn)
      if (before !== undefined && before !== number)
        wrong.push(`discontinuity number of segment ${msn}: ${before} became ${number}`)
      this.#discontinuities.set(msn, number)
    }
    for (const msn of this.#discontinuities.keys())
      if (this.#discontinuities.size > maxSegments) this.#discontinuities.delete(msn)
    return wrong
  }
}

function stepsBetween(before: Seen, now: Seen): string[] {
  const wrong: string[] = []
  for (const name of ['mediaSequence', 'discontinuitySequence', 'last'] as const)
    if (now[name] < before[name]) wrong.push(`${name} back: ${before[name]} became ${now[name]}`)
  if (now.mediaSequence > before.last + 1 && now.at - before.at < maxUnseenMs)
    wrong.push(`segments ${before.last + 1} to ${now.mediaSequence - 1} were never listed`)
  return wrong
}
