import type { Origin } from '../../core/contracts/live-records.ts'
import { createKnownMedia, type KnownMedia } from '../outline/known-media.ts'
import { createMoves, type Moves } from './moves.ts'

/** The record of an origin, and what else this edge knows of its session. */
export interface KnownOrigin {
  origin: Origin
  /** What this edge knows of the session's media. */
  readonly media: KnownMedia
  /** The requests for the session that are at its origin. */
  readonly moves: Moves
  /**
   * When a listing of the registry first had neither this origin nor its session, ms of the edge's clock;
   * undefined while it has one of them.
   */
  missingSince: number | undefined
}

/**
 * Time after which a session that the registry does not list is forgotten, ms. Within it, owners write their
 * records again to a Redis that came back empty.
 */
const forgottenAfterMs = 5000

export type OriginTable = ReturnType<typeof createOriginTable>

/**
 * Keeps which origin has which session, and which session is live on which channel. Nothing changes while the
 * registry is away. `onChange` gets each origin that was added or removed, or whose URL, epoch or state has
 * changed. A removed one has the state `ended`.
 */
export function createOriginTable(onChange: (origin: Origin) => void) {
  const sessions = new Map<string, KnownOrigin>()
  const channels = createChannelIndex()

  function put(origin: Origin) {
    const known = sessions.get(origin.sessionId)
    if (known === undefined) {
      const added = { origin, media: createKnownMedia(), moves: createMoves(), missingSince: undefined }
      sessions.set(origin.sessionId, added)
      channels.add(added)
      return onChange(origin)
    }
    known.missingSince = undefined
    const previous = known.origin
    if (previous.epoch > origin.epoch) return
    known.origin = origin
    if (previous.url !== origin.url || previous.epoch !== origin.epoch) known.media.move()
    if (previous.url !== origin.url) known.moves.move()
    if (previous.url !== origin.url || previous.epoch !== origin.epoch || previous.state !== origin.state)
      onChange(origin)
  }

  function remove(sessionId: string) {
    const known = sessions.get(sessionId)
    if (known === undefined) return
    sessions.delete(sessionId)
    channels.remove(known)
    onChange({ ...known.origin, state: 'ended' })
  }

  return {
    put,
    remove,

    /**
     * Applies a complete listing of the registry, read at `now` (ms). When the origin of a live session is
     * missing in it, the session keeps its last origin, because another transcoder will take over.
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

    /** Returns the origin of a session, live or ended. */
    ofSession: (sessionId: string): KnownOrigin | undefined => sessions.get(sessionId),

    liveOn: channels.liveOn,
    isMoving: channels.isMoving,

    /** Returns the records of all origins, in the order in which they were added. */
    *all(): Iterable<Origin> {
      for (const { origin } of sessions.values()) yield origin
    },

    get size() {
      return sessions.size
    },
  }
}

/** Keeps the sessions of each channel in the order in which they were first seen. */
function createChannelIndex() {
  const channels = new Map<string, Set<KnownOrigin>>()
  return {
    add(known: KnownOrigin): void {
      const siblings = channels.get(known.origin.slug)
      if (siblings) siblings.add(known)
      else channels.set(known.origin.slug, new Set([known]))
    },

    remove(known: KnownOrigin): void {
      const { slug } = known.origin
      const siblings = channels.get(slug)
      siblings?.delete(known)
      if (siblings?.size === 0) channels.delete(slug)
    },

    /**
     * Returns the session to watch on a channel; undefined when none is live. When several are live, it is
     * the one that this edge saw last for the first time, which is usually the one that took over.
     */
    liveOn(slug: string): KnownOrigin | undefined {
      let live: KnownOrigin | undefined
      for (const known of channels.get(slug) ?? []) if (known.origin.state === 'live') live = known
      return live
    },

    /** Whether a session of the channel is moving to a new origin that has no media yet. */
    isMoving(slug: string): boolean {
      for (const { origin } of channels.get(slug) ?? [])
        if (origin.state === 'starting' && origin.epoch > 1) return true
      return false
    },
  }
}
