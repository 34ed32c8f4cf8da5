import { ProblemError } from './problem-error.ts'

export interface RetryOptions {
  /** Maximum number of attempts of a call; 4 by default, 1: no repetition. */
  attempts?: number
  /** Maximum time to wait for the next attempt, ms; 30 s by default. A call with a longer one fails. */
  maxWaitMs?: number
  /** Resolves after a time, ms, or when the signal is aborted. */
  wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

interface Repetition extends RetryOptions {
  /** Whether a call whose response was lost may be sent again. */
  canRepeat: boolean
  signal: AbortSignal | undefined
}

/** Time before the second attempt when the response does not say one, ms. It doubles with each attempt. */
const firstWaitMs = 300

/**
 * Makes up to `attempts` attempts. After a refusal that says when to try again it waits for that time, after
 * others of `isPassing` and after a lost connection for a random one that grows.
 */
export async function withRetries<Value>(attempt: () => Promise<Value>, options: Repetition): Promise<Value> {
  const { attempts = 4, maxWaitMs = 30_000, canRepeat, signal } = options
  const wait = options.wait ?? waitFor
  for (let made = 1; ; made++) {
    try {
      return await attempt()
    } catch (error) {
      if (made >= attempts || signal?.aborted || !isPassing(error, canRepeat)) throw error
      const waitMs = waitOf(error, made)
      if (waitMs > maxWaitMs) throw error
      await wait(waitMs, signal)
      if (signal?.aborted) throw error
    }
  }
}

/**
 * Whether a call may succeed if it is sent again. Calls that were refused with 429 or 503 were not carried
 * out, and so were those whose idempotency key is in use. Others than a ProblemError mean that the response
 * was lost, or did not arrive in time.
 */
function isPassing(error: unknown, canRepeat: boolean): boolean {
  if (!(error instanceof ProblemError)) return canRepeat
  return error.status === 429 || error.status === 503 || error.code === 'idempotency_key_in_use'
}

function waitOf(error: unknown, made: number): number {
  const seconds = error instanceof ProblemError ? error.retryAfterSeconds : undefined
  return seconds === undefined ? firstWaitMs * 2 ** (made - 1) * (0.5 + Math.random() / 2) : seconds * 1000
}

const waitFor = (ms: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
