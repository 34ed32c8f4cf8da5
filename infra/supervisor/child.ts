import type { ChildProcess } from 'node:child_process'

/** One run of a process under the supervisor. */
export interface Child {
  pid: number
  /**
   * Resolves when the process can do its work. Rejects with a message for the operator when it cannot start.
   */
  ready: Promise<void>
  /**
   * Resolves when the process has ended, with its exit code, its signal or the error of its start as a text.
   */
  ended: Promise<string>
  /** Asks the process to end in order. Does not wait for the end. */
  stop(): void
  /** Asks the process to leave its ports and clients to another one, and to end. Does not wait for that. */
  retire(): void
  /** Kills the process group. */
  kill(): void
}

export type ChildStart = () => Child

/**
 * Resolves when a child process has ended or could not be started, with its exit code, signal or error as a
 * text. Kills what is left of its process group, such as the workers of an edge.
 */
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

/** Kills the process group of `leader`, if the group still exists. */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
