import type { ChildProcess } from 'node:child_process'

/** One run of a process that the supervisor looks after. */
export interface Child {
  pid: number
  /** Resolves when it can do its work; rejects, with a message for the operator, when it says that it cannot start. */
  ready: Promise<void>
  /** How it ended, in words. */
  ended: Promise<string>
  /** Asks it to end in order. */
  stop(): void
  /** Ends it now, and all that it started. */
  kill(): void
}

export type ChildStart = () => Child

/** How a child process ended, in words. What is left of its process group goes with it: no ffmpeg outlives its role. */
export function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    const end = (how: string) => {
      killGroup(child.pid)
      resolve(how)
    }
    child.once('error', (error) => end(error.message))
    child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : signal))
  })
}

/** Kills a whole process group; one that is gone already is fine. */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
