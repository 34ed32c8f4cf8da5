/** Something that ends itself when its time is over. */
export interface Swept {
  /** ms of the edge's clock; may be moved at any time without a word to the sweeper. */
  readonly deadline: number
  /** Only who is idle is timed. */
  readonly isIdle: boolean
  destroy(): void
}

export type Sweeper<Member extends Swept> = ReturnType<typeof createSweeper<Member>>

/** How often each member is looked at, ms, and in how many turns: a crowd is never walked through at once. */
const roundMs = 1000
const turns = 8

/** Ends idle members whose deadline has passed, up to a second late: one timer for all, and none is touched per request. */
export function createSweeper<Member extends Swept>(now: () => number) {
  const groups = Array.from({ length: turns }, () => new Set<Member>())
  let turn = 0
  const timer = setInterval(() => {
    turn = (turn + 1) % turns
    const time = now()
    for (const member of groups[turn] ?? []) if (member.isIdle && member.deadline <= time) member.destroy()
  }, roundMs / turns)
  let next = 0

  return {
    /** Adds a member; gives the function that takes it out. */
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
