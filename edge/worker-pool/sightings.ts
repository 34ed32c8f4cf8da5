import type { Viewers, Whereabouts } from '../viewers/viewers.ts'

export type Sightings = ReturnType<typeof createSightings>

/** Which viewers of a channel were seen, and from where. */
export type Seen = [slug: string, viewers: [id: number, where: Whereabouts][]][]

/** Notes which viewers were seen until somebody takes the notes; at most `limit` of them. */
export function createSightings(limit = 500_000): Pick<Viewers, 'saw'> & { take(): Seen } {
  let bySlug = new Map<string, Map<number, Whereabouts>>()
  let total = 0
  return {
    saw(slug, viewer, where) {
      let seen = bySlug.get(slug)
      if (seen?.has(viewer) || total >= limit) return
      if (seen === undefined) {
        seen = new Map()
        bySlug.set(slug, seen)
      }
      seen.set(viewer, where)
      total += 1
    },
    take() {
      const taken = [...bySlug].map(([slug, seen]): Seen[number] => [slug, [...seen]])
      bySlug = new Map()
      total = 0
      return taken
    },
  }
}
