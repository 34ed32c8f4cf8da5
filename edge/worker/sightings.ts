import type { Viewers } from '../viewers.ts'

export type Sightings = ReturnType<typeof createSightings>

/** Notes which viewers were seen until somebody takes the notes; at most `limit` of them. */
export function createSightings(limit = 500_000): Pick<Viewers, 'saw'> & {
  take(): [slug: string, ids: number[]][]
} {
  let bySlug = new Map<string, Set<number>>()
  let total = 0
  return {
    saw(slug, viewer) {
      let seen = bySlug.get(slug)
      if (seen?.has(viewer) || total >= limit) return
      if (seen === undefined) {
        seen = new Set()
        bySlug.set(slug, seen)
      }
      seen.add(viewer)
      total += 1
    },
    take() {
      const taken = [...bySlug].map(([slug, ids]): [string, number[]] => [slug, [...ids]])
      bySlug = new Map()
      total = 0
      return taken
    },
  }
}
