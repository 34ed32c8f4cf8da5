export type Audience = ReturnType<typeof createAudience>

export interface AudienceOptions {
  /** A viewer is known for at least so long after the last playlist, and at most twice as long, ms. */
  memoryMs?: number
  /** Viewers remembered in each such time; beyond it new ones are not. */
  limit?: number
  /** Told of viewers who were not seen in this stretch of time before. */
  onNew?: (viewer: number) => void
}

/** Who watches already, by viewer id. Two generations of a set: nothing is done for a viewer who was seen before but to look. */
export function createAudience({ memoryMs = 60_000, limit = 500_000, onNew }: AudienceOptions = {}) {
  let current = new Set<number>()
  let former = new Set<number>()
  let began = Number.NEGATIVE_INFINITY

  /** Begins another stretch when this one is over. */
  function turn(time: number) {
    const passed = time - began
    if (passed < memoryMs) return
    former = passed < 2 * memoryMs ? current : new Set()
    current = new Set()
    began = time
  }

  function learn(viewer: number, time: number): boolean {
    turn(time)
    if (current.has(viewer) || current.size >= limit) return false
    current.add(viewer)
    return true
  }

  return {
    /** A viewer got a media playlist at `time`, ms. */
    saw(viewer: number, time: number): void {
      if (learn(viewer, time)) onNew?.(viewer)
    },
    /** Another process says so. */
    learn: (viewer: number, time: number): void => void learn(viewer, time),
    knows(viewer: number, time: number): boolean {
      turn(time)
      return current.has(viewer) || former.has(viewer)
    },
  }
}
