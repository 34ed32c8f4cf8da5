import { type EncodeWork, sumOf } from '../plan/encode-work.ts'
import { type Applicant, shareOut } from './shares.ts'

export interface RoomOptions {
  /** Work that this process can do at a time, megapixels/s; Infinity when it has no limit. */
  capacity: number
  /** Called when what the sessions want or may do has changed. */
  onChange?: () => void
  /** Returns the time by a monotonic clock, ms; tests replace it. */
  now?: () => number
}

/** How much a session may encode for the time being. */
export interface Allowance {
  /** Maximum number of encoded renditions now. It becomes larger only after a while of room. */
  readonly count: number
  /** Sets what the session would encode if there was room. */
  want(work: EncodeWork): void
}

/** Figures of the room, megapixels/s, and numbers of sessions. */
export interface RoomFigures {
  capacity: number
  /** Work that the sessions may do now. */
  work: number
  /** Work that all sessions would do with their full ladders. */
  wanted: number
  /** Number of sessions that may not have their full ladders. */
  reducedSessions: number
}

/** Time for which there must be room before a session encodes more renditions, ms. */
export const growAfterMs = 5000

const nothing: EncodeWork = { renditions: [], minimum: 0 }

interface Member extends Applicant {
  /** Number of renditions that fit. */
  fits: number
  /** Number of renditions that the session may encode. */
  count: number
  /** Since when more fit than the session may encode, ms; undefined while they do not. */
  roomSince: number | undefined
}

/** Makes a session lose what does not fit now, and get back what has fitted for `growAfterMs`. */
function settle(member: Member, now: number) {
  if (member.fits > member.count) {
    member.roomSince ??= now
    if (now - member.roomSince < growAfterMs) return
  }
  member.count = member.fits
  member.roomSince = undefined
}

const isSame = (a: EncodeWork, b: EncodeWork) =>
  a.minimum === b.minimum &&
  a.renditions.length === b.renditions.length &&
  a.renditions.every((work, index) => work === b.renditions[index])

export type Room = ReturnType<typeof createRoom>

/**
 * Creates the room of a process: what its sessions may encode. A session loses renditions as soon as there
 * is no room, and gets them back when there was room for `growAfterMs`. So what all of them may encode fits,
 * and a ladder does not change to and fro.
 */
export function createRoom({ capacity, onChange, now = () => performance.now() }: RoomOptions) {
  const members = new Map<string, Member>()

  function shareAgain() {
    const shares = shareOut(capacity, [...members.values()])
    for (const member of members.values()) {
      member.fits = shares.get(member.sessionId) ?? 0
      settle(member, now())
    }
    onChange?.()
  }

  function want(member: Member, work: EncodeWork) {
    if (isSame(member, work)) return
    const { renditions, minimum } = work
    // A session that has its full ladder may change to another one at once, as far as it fits.
    const isFull = member.count === member.renditions.length
    const count = isFull ? renditions.length : Math.max(minimum, Math.min(member.count, renditions.length))
    Object.assign(member, { renditions, minimum, count })
    shareAgain()
  }

  /** Adds a session with what it will probably want. Has no effect on one that is there already. */
  function enter(sessionId: string, priority: number, work: EncodeWork = nothing): void {
    if (members.has(sessionId)) return
    const member: Member = { sessionId, priority, ...nothing, fits: 0, count: 0, roomSince: undefined }
    members.set(sessionId, member)
    want(member, work)
  }

  return {
    enter,
    has: (sessionId: string) => members.has(sessionId),

    /** Returns the allowance of a session, which enters if it has not yet. It is 0 after it has left. */
    allowanceOf(sessionId: string): Allowance {
      enter(sessionId, 0)
      const find = () => members.get(sessionId)
      return {
        get count(): number {
          const member = find()
          if (member) settle(member, now())
          return member?.count ?? 0
        },
        want(work) {
          const member = find()
          if (member) want(member, work)
        },
      }
    },

    leave(sessionId: string): void {
      if (members.delete(sessionId)) shareAgain()
    },

    /** Returns the work that the sessions of each priority would do with their full ladders. */
    wanted(): { priority: number; work: number }[] {
      const works = new Map<number, number>()
      for (const { priority, renditions } of members.values())
        works.set(priority, (works.get(priority) ?? 0) + sumOf(renditions))
      return [...works].map(([priority, work]) => ({ priority, work }))
    },

    figures(): RoomFigures {
      const all = [...members.values()]
      for (const member of all) settle(member, now())
      const allowed = all.flatMap(({ renditions, count }) => renditions.slice(renditions.length - count))
      return {
        capacity,
        work: sumOf(allowed),
        wanted: sumOf(all.flatMap(({ renditions }) => renditions)),
        reducedSessions: all.filter(({ count, renditions }) => count < renditions.length).length,
      }
    },
  }
}
