/** A member of a sweeper. */
export interface Swept {
  /**
   * When the member times out, ms of the edge's clock. May change at any time; the sweeper reads it on its
   * next round.
   */
  readonly deadline: number
  /** Whether the member is idle. Only an idle member times out. */
  readonly isIdle: boolean
  destroy(): void
}

/**
 * Time in which every member is checked once, ms, and the number of turns that share this work, so that a
 * crowd is never checked all at once.
 */
const roundMs = 1000
const turns = 8

/**
 * Destroys idle members whose deadline has passed, up to about a second late. One timer serves all members,
 * so that a request touches no timer.
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
    /** Returns the function that removes the member. */
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
