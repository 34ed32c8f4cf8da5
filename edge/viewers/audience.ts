export type Audience = ReturnType<typeof createAudience>

export interface AudienceOptions {
  /**
   * Time for which a viewer stays known after the last media playlist, ms. It may become up to twice as long.
   */
  memoryMs?: number
  /** Maximum number of viewers remembered in each interval of `memoryMs`. */
  limit?: number
  /** Called with viewers who were not seen before in the current interval. */
  onNew?: ((viewer: number) => void) | undefined
}

/**
 * Remembers which viewers are watching, by id. Two generations of a set are used, so that a viewer who was
 * seen before costs one lookup.
 */
export function createAudience({ memoryMs = 60_000, limit = 500_000, onNew }: AudienceOptions = {}) {
  let current = new Set<number>()
  let previous = new Set<number>()
  let beganAt = Number.NEGATIVE_INFINITY

  /** Starts a new generation when the current one is older than `memoryMs`. */
  function turn(time: number) {
    const passed = time - beganAt
    if (passed < memoryMs) return
    previous = passed < 2 * memoryMs ? current : new Set()
    current = new Set()
    beganAt = time
  }

  /** Returns whether the viewer is new in the current generation; false also when that is full. */
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
