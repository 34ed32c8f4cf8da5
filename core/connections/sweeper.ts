/** Something with a deadline, such as a connection, that a sweeper destroys when it is overdue. */
export interface Swept {
  /** Whether the member has missed its deadline. `now`: ms of the sweeper's clock. */
  isOverdue(now: number): boolean
  destroy(): void
}

/**
 * Time in which every member is checked once, ms, and the number of turns into which this work is divided, so
 * that thousands of members are never checked at the same time.
 */
const roundMs = 1000
const turns = 8

/**
 * Destroys members that have missed their deadlines, up to about a second late. One timer serves all members,
 * so that a request touches no timer.
 */
export function createSweeper<Member extends Swept>(now: () => number) {
  const groups = Array.from({ length: turns }, () => new Set<Member>())
  let turn = 0
  let next = 0
  const timer = setInterval(() => {
    turn = (turn + 1) % turns
    const time = now()
    for (const member of groups[turn] ?? []) if (member.isOverdue(time)) member.destroy()
  }, roundMs / turns)

  return {
    /** Checks a member from now on. Returns the function that removes the member. */
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
