/** Something that can time out. */
export interface Swept {
  /** ms of the edge's clock. May be moved at any time; the sweeper reads it on its next round. */
  readonly deadline: number
  /** Only idle members time out. */
  readonly isIdle: boolean
  destroy(): void
}

/**
 * Time in which every member is checked once, ms, and in how many turns, so that a crowd is never checked all
 * at once.
 */
const roundMs = 1000
const turns = 8

/**
 * Destroys idle members whose deadline has passed, up to a second late. One timer serves all, and none is
 * touched per request.
 */
export function createSweeper<Member extends Swept>(now: () => number) {
  const groups = Array.from({ length: turns }, () => new Set<Member>())
  let turn = 0
  let next = 0
  const timer = setInterval(() => {
    turn = (turn + 1) % turns
    const time = now()
    for (const member of groups[turn] ?? []) if (member.isIdle && member.deadline <= time) member.destroy()
  }, roundMs / turns)

  return {
    /** Adds a member. Returns the function that removes it. */
    add(member: Member): () => void {
      next = (next + 1) % turns
      const group = groups[next]
      group?.add(member)
      return () => void group?.delete(member)
    },
    *members(): Iterable<Member> {
      for (const group of groups) yield* group
    },
    close: (): void => clearInterval(timer),
  }
}
