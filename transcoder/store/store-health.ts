import type { Log } from '../../core/process/log.ts'
import type { SegmentStore } from './segment-store.ts'

/**
 * Follows whether a store works, and logs once when it is away and once when it is back. It is away after
 * `awayAfterMs` with failures only.
 */
export function createStoreHealth(awayAfterMs: number, kind: SegmentStore['kind'], log: Log) {
  let failingSince: number | undefined
  let isAway = false
  return {
    /** Whether the last attempt has failed. */
    get isFailing() {
      return failingSince !== undefined
    },
    get isAway() {
      return isAway
    },
    succeeded(): void {
      if (isAway && failingSince !== undefined) {
        const seconds = Math.round((performance.now() - failingSince) / 1000)
        log.info({ store: kind, seconds }, 'the segment store works again')
      }
      failingSince = undefined
      isAway = false
    },
    /** `startedAt`: when the attempt that has failed began, ms of `performance.now()`. */
    failed(startedAt: number, detail: string): void {
      failingSince ??= startedAt
      if (isAway || performance.now() - failingSince < awayAfterMs) return
      isAway = true
      log.warn({ store: kind, detail }, 'the segment store is away: live continues, segments are not stored')
    },
  }
}
