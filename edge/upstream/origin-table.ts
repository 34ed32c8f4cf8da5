import type { Origin } from '../../core/contracts/live-records.ts'

/** An origin as this edge knows it. */
export interface KnownOrigin {
  origin: Origin
  /** When a playlist of each rendition last came from it, ms of the edge's clock: refusals of media asked for before are void. */
  readonly playlistAt: Map<string, number>
  /** Since when the registry does not list it, though nobody said that it went, ms; undefined while it is listed. */
  missingSince: number | undefined
}

/** A session is forgotten when the registry did not list it for so long, ms: a Redis that comes back empty is soon filled again. */
const forgottenAfterMs = 5000

export type OriginTable = ReturnType<typeof createOriginTable>

/**
 * Which origin has which session, and which session is live on which channel. It changes only by being told, so while the
 * registry is away all stays as it was. `onChange` gets the record of each session whose origin came, changed or went.
 */
export function createOriginTable(onChange: (origin: Origin) => void) {
  const sessions = new Map<string, KnownOrigin>()
  /** Sessions of a channel in the order in which they were first seen. */
  const channels = new Map<string, Set<KnownOrigin>>()

  function put(origin: Origin) {
    const known = sessions.get(origin.sessionId)
    if (known === undefined) {
      const added = { origin, playlistAt: new Map(), missingSince: undefined }
      sessions.set(origin.sessionId, added)
      const siblings = channels.get(origin.slug)
      if (siblings) siblings.add(added)
      else channels.set(origin.slug, new Set([added]))
      return onChange(origin)
    }
    known.missingSince = undefined
    if (known.origin.epoch > origin.epoch) return
    const former = known.origin
    known.origin = origin
    if (former.url !== origin.url || former.epoch !== origin.epoch || former.state !== origin.state)
      onChange(origin)
  }

  function remove(sessionId: string) {
    const known = sessions.get(sessionId)
    if (known === undefined) return
    const { slug } = known.origin
    sessions.delete(sessionId)
    const siblings = channels.get(slug)
    siblings?.delete(known)
    if (siblings?.size === 0) channels.delete(slug)
    onChange({ ...known.origin, state: 'ended' })
  }

  return {
    put,
    remove,

    /**
     * Takes a whole listing of the registry, read at `now` (ms). A session that is live keeps the origin it had: another
     * transcoder takes it over.
     */
    putAll(origins: readonly Origin[], liveSessions: ReadonlySet<string>, now: number): void {
      const listed = new Set<string>()
      for (const origin of origins) {
        listed.add(origin.sessionId)
        put(origin)
      }
      for (const [sessionId, known] of sessions) {
        if (listed.has(sessionId)) continue
        if (liveSessions.has(sessionId)) {
          known.missingSince = undefined
          continue
        }
        known.missingSince ??= now
        if (now - known.missingSince >= forgottenAfterMs) remove(sessionId)
      }
    },

    /** The origin of a session, live or ended. */
    ofSession: (sessionId: string): KnownOrigin | undefined => sessions.get(sessionId),

    /** The session to watch on a channel: of several live ones the one that came last, which took over. */
    liveOn(slug: string): KnownOrigin | undefined {
      let live: KnownOrigin | undefined
      for (const known of channels.get(slug) ?? []) if (known.origin.state === 'live') live = known
      return live
    },

    /** Whether a session of the channel is between two origins: its new one has no media yet. */
    isMoving(slug: string): boolean {
      for (const { origin } of channels.get(slug) ?? [])
        if (origin.state === 'starting' && origin.epoch > 1) return true
      return false
    },

    /** All, in the order in which they came. */
    *all(): Iterable<Origin> {
      for (const { origin } of sessions.values()) yield origin
    },

    get size() {
      return sessions.size
    },
  }
}
