export type Audience = ReturnType<typeof createAudience>

export interface AudienceOptions {
  /** A viewer is known for this time after the last media playlist, and at most twice as long, ms. */
  memoryMs?: number
  /** Maximum number of viewers remembered per `memoryMs`. */
  limit?: number
  /** Called with viewers who were not seen before in the current interval. */
  onNew?: ((viewer: number) => void) | undefined
}

/**
 * Remembers which viewers are watching, by id. It has two generations of a set, so that a viewer who was seen
 * before costs one lookup.
 */
export function createAudience({ memoryMs = 60_000, limit = 500_000, onNew }: AudienceOptions = {}) {
  let current = new Set<number>()
  let previous = new Set<number>()
  let beganAt = Number.NEGATIVE_INFINITY

  /** Starts the next generation when this one is over. */
  function turn(time: number) {
    const passed = time - beganAt
    if (passed < memoryMs) return
    previous = passed < 2 * memoryMs ? current : new Set()
    current = new Set()
    beganAt = time
  }

  /** Returns whether the viewer is new in this generation. */
  function add(viewer: number, time: number): boolean {
    turn(time)
    if (current.has(viewer) || current.size >= limit) return false
    current.add(viewer)
    return true
  }

  return {
    /** Records that a viewer got a media playlist here; `time` is ms of the edge's clock. */
    recordView(viewer: number, time: number): void {
      if (add(viewer, time)) onNew?.(viewer)
    },
    /** Records a viewer that another process reported. */
    recordElsewhere: (viewer: number, time: number): void => void add(viewer, time),
    knows(viewer: number, time: number): boolean {
      turn(time)
      return current.has(viewer) || previous.has(viewer)
    },
  }
}
