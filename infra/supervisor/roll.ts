import { inTime } from '../../core/mechanisms/in-time.ts'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { RoleName } from '../../core/process/role-messages.ts'
import type { KeptChild } from './kept-child.ts'

/**
 * Order in which roles are replaced. Ingest is last, because its former process stays until its publishers
 * have left.
 */
const order = ['transcoder', 'edge', 'manager', 'ingest'] as const satisfies readonly RoleName[]
/** Maximum time that a replaced process may take to leave its clients, ms. It is killed after that. */
const leftWithinMs = 45_000

/**
 * Replaces the process of each role by a new one, which runs the code that is on the disk now. Calls `say`
 * with one line for the operator after each step.
 * @throws NowcastError `unavailable` when a new process does not start. Roles after it stay as they are.
 */
export async function roll(children: readonly KeptChild[], say: (line: string) => void): Promise<void> {
  for (const name of order) {
    const child = children.find((each) => each.name === name)
    if (child === undefined) continue
    const startedAt = performance.now()
    const former = await child.replace().catch((error: unknown) => {
      throw new NowcastError('unavailable', `${name}: the new process ${messageOf(error)}`)
    })
    const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1)
    if (name === 'ingest')
      say(`${name}: replaced after ${seconds()} s; present publishers stay where they are`)
    else {
      const isLate = await isLeftLate(former)
      say(`${name}: replaced after ${seconds()} s${isLate ? '; the former process was killed' : ''}`)
    }
  }
}

/** Waits for the end of a process, and kills it if it takes too long. Returns whether it did. */
async function isLeftLate({ ended, kill }: Awaited<ReturnType<KeptChild['replace']>>): Promise<boolean> {
  const isLate = await inTime(ended, leftWithinMs, 'late').then(
    () => false,
    () => true,
  )
  if (isLate) kill()
  return isLate
}
