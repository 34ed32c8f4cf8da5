export interface JobLocksOptions {
  /** Lifetime of a lock that is not renewed, ms. */
  lockMs: number
  /** Renews the locks of jobs. Resolves with the ids of those that have lost them. */
  renew(jobIds: string[], tokens: string[]): Promise<string[]>
  /** Called when a lock could not be renewed. */
  onLost(jobId: string): void
}

/** Number of times that a lock is renewed while it lives. */
const renewalsPerLock = 4
/** Maximum number of renewals without a response: as many as are sent in two lifetimes of a lock. */
const maxPending = 2 * renewalsPerLock

/**
 * Renews the locks of the jobs that this process holds. Each renewal is sent in time, also when Redis has not
 * responded to the one before. BullMQ would wait for that response, and it would stop to renew a job that
 * has returned to this process when the earlier taking of the job ends.
 */
export function createJobLocks({ lockMs, renew, onLost }: JobLocksOptions) {
  const tokens = new Map<string, string>()
  let pending = 0

  function release(jobId: string, token: string): boolean {
    return tokens.get(jobId) === token && tokens.delete(jobId)
  }

  async function renewAll(): Promise<void> {
    if (tokens.size === 0 || pending >= maxPending) return
    pending += 1
    const held = new Map(tokens)
    try {
      for (const jobId of await renew([...held.keys()], [...held.values()]))
        if (release(jobId, held.get(jobId) ?? '')) onLost(jobId)
    } catch {
      // The connection logs outages. The next renewal may be in time.
    } finally {
      pending -= 1
    }
  }

  const timer = setInterval(() => void renewAll(), lockMs / renewalsPerLock)

  return {
    /** Renews the lock of a job from now on. `token` replaces that of an earlier taking of the job. */
    hold(jobId: string, token: string): void {
      tokens.set(jobId, token)
      // The response that brought the job may have taken most of the lifetime of its lock.
      void renewAll()
    },
    /** Stops to renew a lock, unless a later taking of the job holds it. */
    release: (jobId: string, token: string): void => void release(jobId, token),
    close: (): void => clearInterval(timer),
  }
}
