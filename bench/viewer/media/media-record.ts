import { createBodyStore } from './body-store.ts'
import { createPlaylistStore } from './playlist-store.ts'
import { createTimelines } from './timelines.ts'

export interface MediaRecordOptions {
  /** Returns the SHA-1 of the right body for a path as hexadecimal digits; undefined when it is not known. */
  truth?: (target: string) => string | undefined
}

export type MediaRecord = ReturnType<typeof createMediaRecord>

/** Maximum error of the place of media in time that is ignored, s. */
const sameSeconds = 0.25

/**
 * Creates the record of what viewers of one channel receive. All viewers of a process share it, so each body
 * is parsed once, and a viewer notices bytes that others did not receive.
 */
export function createMediaRecord({ truth = () => undefined }: MediaRecordOptions = {}) {
  const timelines = createTimelines()
  const bodies = createBodyStore(truth)
  const offsets = new Map<string, number>()

  return {
    playlists: createPlaylistStore(timelines),
    bodies,
    /** Program date-time of position 0, ms since 1970; undefined when the playlists have no dates. */
    get zero() {
      return timelines.zero
    },

    /**
     * Returns by how much the decode time of media differs from its place in the playlist, s, compared with
     * the first media of the same init segment; 0 when the difference is small or not known.
     */
    displacement(init: string, decodeTime: number, start: number): number {
      const timescale = bodies.timescaleOf(init)
      if (timescale === undefined) return 0
      const offset = decodeTime / timescale - start
      const first = offsets.get(init) ?? offset
      offsets.set(init, first)
      return Math.abs(offset - first) < sameSeconds ? 0 : offset - first
    },
  }
}
