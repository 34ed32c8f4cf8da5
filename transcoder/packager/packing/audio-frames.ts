import type { Sample } from '../mp4/sample.ts'
import { silentFrame } from '../mp4/silent-frame.ts'
import type { AudioTrack } from '../mp4/track.ts'

/**
 * Maximum length of a hole that is filled with silence, ms. A longer one counts as a jump of the timestamps.
 */
const maxFillMs = 10_000

export interface ArrivedSample {
  sample: Sample
  /** Time of arrival of its last byte, ms of `performance.now()`. */
  arrivedAt: number
}

export type AudioFrames = ReturnType<typeof createAudioFrames>

/**
 * Makes frames of audio continuous: each starts exactly where the one before ends, because the times of
 * sources are rounded to ms. A hole of a frame or more is filled with silence if it is not longer than
 * `maxFillMs` and there is a silent frame for the codec; otherwise the hole stays. A frame that starts a
 * whole frame too early is dropped, and so are frames before `startTicks`, at which audio should begin.
 */
export function createAudioFrames(
  track: AudioTrack,
  startTicks: number,
  emit: (frame: ArrivedSample) => void,
) {
  const { frameTicks, timescale } = track
  const silence = silentFrame(track.config)
  const maxFillTicks = (maxFillMs * timescale) / 1000
  let next = startTicks
  let isStarted = false

  function put(data: Buffer, arrivedAt: number) {
    emit({
      sample: { dts: next, duration: frameTicks, compositionOffset: 0, isSync: true, data },
      arrivedAt,
    })
    next += frameTicks
    isStarted = true
  }

  return {
    canFill: silence !== undefined,

    /** Time at which the next frame should start, ticks. */
    get nextTicks() {
      return next
    },

    add(sample: Sample, arrivedAt: number): void {
      const ahead = sample.dts - next
      if (isStarted ? ahead <= -frameTicks : ahead < 0) return
      const holes = Math.floor(ahead / frameTicks)
      if (holes > 0 && silence && ahead <= maxFillTicks) {
        if (!isStarted) next = sample.dts - holes * frameTicks
        for (let hole = 0; hole < holes; hole++) put(silence, arrivedAt)
      } else if (holes > 0 || !isStarted) {
        next = sample.dts
      }
      put(sample.data, arrivedAt)
    },

    /**
     * Adds frames of silence up to a time, ticks; only one frame if the hole is longer than `maxFillMs`. Has
     * no effect if there is no silent frame for the codec.
     */
    fillTo(ticks: number, arrivedAt: number): void {
      if (!silence) return
      if (ticks - next > maxFillTicks) next = ticks - frameTicks
      while (next < ticks) put(silence, arrivedAt)
    },
  }
}
