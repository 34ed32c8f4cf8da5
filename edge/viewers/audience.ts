export type Audience = ReturnType<typeof createAudience>

export interface AudienceOptions {
  /** Time for which a viewer stays known after the last media playlist, ms. It may be up to twice as long. */
  memoryMs?: number
  /** Maximum number of viewers that are remembered in each interval of `memoryMs`. */
  limit?: number
  /** Called with each viewer who was not seen before in the present interval of `memoryMs`. */
  onNew?: ((viewer: number) => void) | undefined
}

/**
 * Remembers which viewers are watching, by id. There is a set for the present interval and one for the
 * interval before, so viewers need no timestamps.
 */
export function createAudience({ memoryMs = 60_000, limit = 500_000, onNew }: AudienceOptions = {}) {
  let current = new Set<number>()
  let previous = new Set<number>()
  let beganAt = Number.NEGATIVE_INFINITY

  /** Starts a new interval when the present one is older than `memoryMs`. */
  function turn(time: number) {
    const passed = time - beganAt
    if (passed < memoryMs) return
    previous = passed < 2 * memoryMs ? current : new Set()
    current = new Set()
    beganAt = time
  }

  /**
   * Adds a viewer. Returns whether the viewer is new in the present interval; false also when the set is
   * full.
   */
  function add(viewer: number, time: number): boolean {
    turn(time)
    if (current.has(viewer) || current.size >= limit) return false
    current.add(viewer)
    return true
  }

  return {
    /** Records that a viewer got a media playlist from this process. `time` is in ms of the edge's clock. */
    recordView(viewer: number, time: number): void {
      if (add(viewer, time)) onNew?.(viewer)
    },
    /** Records a viewer that another process reported. `onNew` is not called. */
    recordElsewhere: (viewer: number, time: number): void => void add(viewer, time),
    knows(viewer: number, time: number): boolean {
      turn(time)
      return current.has(viewer) || previous.has(viewer)
    },
  }
}
