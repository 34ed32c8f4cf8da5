import type { TranscodePlan } from '../plan/plan.ts'
import type { SlateMedia } from '../slate/slate-media.ts'
import type { SourceTracks } from '../source/source-tracks.ts'
import { type SlateEpoch, type SlateEpochOptions, startSlateEpoch } from './slate-epoch.ts'

export interface SlateShowOptions extends Pick<SlateEpochOptions, 'segmentMs' | 'presentation' | 'log'> {
  tracks: Pick<SourceTracks, 'nowMs' | 'quietMs'>
  nextNumber(): number
  /** Returns the slate for a plan; undefined while there is none. */
  slateOf?: ((plan: TranscodePlan) => SlateMedia | undefined) | undefined
}

/** Time without media of a connected publisher after which the slate is shown, ms. */
const silentMs = 3000

export type SlateShow = ReturnType<typeof createSlateShow>

/** Creates what shows the slate of a session whenever its publisher is gone. */
export function createSlateShow(options: SlateShowOptions) {
  let epoch: SlateEpoch | undefined

  return {
    /** Shows the slate in the renditions of a plan, unless it is shown or there is none. */
    show(plan: TranscodePlan): void {
      const media = options.slateOf?.(plan)
      if (media === undefined || epoch !== undefined) return
      const nowMs = () => options.tracks.nowMs(performance.now())
      epoch = startSlateEpoch({ ...options, number: options.nextNumber(), plan, media, nowMs })
    },
    /**
     * Whether the slate is to be shown because a connected publisher sends nothing. Only where the source
     * decides on keyframes: its next media begins an epoch at one, which may never come otherwise.
     */
    isDue(plan: TranscodePlan, now: number): boolean {
      const isSilent = epoch === undefined && options.tracks.quietMs(now) > silentMs
      return isSilent && plan.keyframes === 'source' && options.slateOf?.(plan) !== undefined
    },
    /**
     * Whether an epoch can begin at `atMs`, ms. What is before the end of the slate cannot be published: a
     * publisher may continue with the media of its pause. The slate then waits for it.
     */
    admits(atMs: number): boolean {
      if (epoch === undefined || atMs >= epoch.endMs) return true
      epoch.hold()
      return false
    },
    /** Ends the slate at `atMs`, where the media of the next publish begins; by default, where it is. */
    end(atMs = Number.POSITIVE_INFINITY): void {
      epoch?.end(atMs)
      epoch = undefined
    },
  }
}
