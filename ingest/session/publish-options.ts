import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { Source } from '../../core/media/source.ts'
import type { ClockCorrection } from '../clock/clock-fault.ts'
import type { FlushPace } from '../distribution/flush-pace.ts'
import type { PictureLimits } from '../media/picture-limits.ts'

/** The previous publish of the same session, whose session time this one continues. */
export interface FormerPublish {
  /** Date of session time 0, ms since 1970. */
  mediaZeroAt: number
  /** Session time of its newest media, ms. */
  newestMs: number
}

export interface PublishSessionOptions {
  sessionId: string
  limits: PictureLimits & {
    /** Maximum bitrate of sound and picture together, bits/s; 0 means no limit. */
    maxBitrate: number
  }
  /** Called when the source is known or has changed. `mediaZeroAt`: date of session time 0, ms since 1970. */
  onSource: (source: Source, mediaZeroAt: number) => void
  onClockCorrection?: (correction: ClockCorrection) => void
  /** Shared by the sessions of a process. */
  pace?: FlushPace
  graceMs?: number
  /** The publish before this one in the same session; undefined for the first. */
  former?: FormerPublish | undefined
  /** Whether the session ends with a publish that ends for this reason; by default it always does. */
  isOver?: (reason: EndReason) => boolean
}

/**
 * Minimum distance in session time from the newest media of the previous publish, ms. It leaves room for
 * decode times, which may begin before the session time of the first packet.
 */
const minDistanceMs = 100

/**
 * Returns the session time of a packet that arrives now, ms. It follows from the date of session time 0, and
 * is later than the media of the previous publish.
 */
export const startAfter = ({ mediaZeroAt, newestMs }: FormerPublish) =>
  Math.max(Date.now() - mediaZeroAt, newestMs + minDistanceMs)
