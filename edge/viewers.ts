export interface ViewersOptions {
  /** A viewer counts for so long after a playlist request, s. */
  windowSeconds?: number
  /** Viewers remembered in total; beyond it new ones are not counted. */
  limit?: number
}

export type Viewers = ReturnType<typeof createViewers>

/** Counts the distinct viewers of each channel by their playlist requests. Times are ms of the edge's clock. */
export function createViewers({ windowSeconds = 10, limit = 500_000 }: ViewersOptions = {}) {
  /** By channel: the second in which each viewer was seen last, those seen longest ago first. */
  const channels = new Map<string, Map<number, number>>()
  let total = 0

  function forget(lastSeen: Map<number, number>, before: number) {
    for (const [viewer, second] of lastSeen) {
      if (second >= before) return
      lastSeen.delete(viewer)
      total -= 1
    }
  }

  return {
    saw(slug: string, viewer: number, now: number): void {
      const second = Math.floor(now / 1000)
      let lastSeen = channels.get(slug)
      const before = lastSeen?.get(viewer)
      if (before === second) return
      if (before === undefined) {
        if (total >= limit) return
        total += 1
      }
      if (lastSeen === undefined) {
        lastSeen = new Map()
        channels.set(slug, lastSeen)
      } else lastSeen.delete(viewer)
      lastSeen.set(viewer, second)
    },

    /** Viewers of each channel that has any. */
    count(now: number): Record<string, number> {
      const before = Math.floor(now / 1000) - windowSeconds
      const counts: Record<string, number> = {}
      for (const [slug, lastSeen] of channels) {
        forget(lastSeen, before)
        if (lastSeen.size === 0) channels.delete(slug)
        else counts[slug] = lastSeen.size
      }
      return counts
    },
  }
}
