import { type Cut, sameTimeMs } from './cut-list.ts'

/** Delay of an encoder behind the source up to which a frozen picture is not repeated, ms. */
const encoderLagMs = 600

/**
 * Returns the time up to which a frozen picture should be repeated, ms: the next frame may still come in the
 * time after it. `mediaMs`: the time that the session has reached.
 */
export function frozenUntilMs(mediaMs: number, packer: { partTargetMs: number; isLeading: boolean }): number {
  return mediaMs - Math.max(packer.partTargetMs / 2, packer.isLeading ? 0 : encoderLagMs)
}

/** The time for which a picture is repeated, ms. */
export interface Repetition {
  fromMs: number
  untilMs: number
  /** The next cut; undefined while none is known. */
  next: Cut | undefined
  /** Time at which the present part must end if there is no cut before it, ms. */
  partEndMs: number
  partTargetMs: number
  /** Whether the last copy ends at `untilMs`, although its part is then shorter than others. */
  isExact: boolean
}

/**
 * Returns the length of the next copy of a picture, ms. It fills a part. Undefined when there is no time left
 * for one, or when timestamps jump first.
 */
export function copyLengthMs(repetition: Repetition): number | undefined {
  const { fromMs, untilMs, next, partEndMs, partTargetMs, isExact } = repetition
  if (next?.isJump && fromMs > next.afterMs - sameTimeMs) return undefined
  const toCutMs = (next?.timeMs ?? partEndMs) - fromMs
  const leftMs = untilMs - fromMs
  const wholeMs = toCutMs > sameTimeMs && toCutMs <= partTargetMs ? toCutMs : partTargetMs
  const lengthMs = isExact ? Math.min(wholeMs, leftMs) : wholeMs
  return lengthMs > leftMs || leftMs <= sameTimeMs ? undefined : lengthMs
}
