import { descendantsOf, isAlive } from '../process-table.ts'
import type { TestProcess } from '../processes.ts'
import { waitFor } from '../wait-for.ts'

/** Time that the descendants of a process have to end after it, ms. */
const graceMs = 5000

/** Ends a process, and by their ids those of its descendants that do not end with it. */
export async function stopFamily({ pid, stop }: TestProcess): Promise<void> {
  const family = descendantsOf(pid).map((each) => each.pid)
  // The process counts as ended when its descendants have closed its output.
  const ended = stop()
  await waitFor('the processes to end', () => !family.some(isAlive), { timeoutMs: graceMs }).catch(() => {
    for (const each of family.filter(isAlive)) process.kill(each, 'SIGKILL')
  })
  await ended
}
