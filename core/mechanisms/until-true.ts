import { setTimeout as delay } from 'node:timers/promises'

/**
 * Checks `isTrue` now and then every `everyMs`. Resolves with true when it holds, with false when `signal`
 * aborts first.
 */
export async function untilTrue(
  isTrue: () => boolean,
  everyMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!isTrue()) {
    if (signal.aborted) return false
    await delay(everyMs, undefined, { signal }).catch(() => {})
  }
  return true
}
