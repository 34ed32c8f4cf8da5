import type { ViewerConnection, Viewers } from '../viewers/viewers.ts'

/** Viewers of each channel, and the connection on which each was seen. */
export type ViewsBySlug = [slug: string, views: [viewer: number, connection: ViewerConnection][]][]

/**
 * Collects views in a worker until they are sent to the process that counts viewers: one per viewer and
 * channel, and at most `limit` in total.
 */
export function createRecentViews(limit = 500_000): Pick<Viewers, 'recordView'> & { takeAll(): ViewsBySlug } {
  let bySlug = new Map<string, Map<number, ViewerConnection>>()
  let total = 0
  return {
    recordView(slug, viewer, connection) {
      let views = bySlug.get(slug)
      if (views?.has(viewer) || total >= limit) return
      if (views === undefined) {
        views = new Map()
        bySlug.set(slug, views)
      }
      views.set(viewer, connection)
      total += 1
    },
    takeAll() {
      const taken = [...bySlug].map(([slug, views]): ViewsBySlug[number] => [slug, [...views]])
      bySlug = new Map()
      total = 0
      return taken
    },
  }
}
