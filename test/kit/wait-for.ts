import { setTimeout as delay } from 'node:timers/promises'

type Falsy = undefined | null | false | 0 | ''

/**
 * Polls `condition` until it returns something truthy, for things that send no event. A condition that throws
 * counts as "not yet".
 * @throws Error after `timeoutMs` (by default 20 s), with `what` in its message. Its cause is what the last
 * poll threw, if anything.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Falsy | Promise<T | Falsy>,
  { timeoutMs = 20_000, everyMs = 50 } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let failure: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
      failure = undefined
    } catch (error) {
      failure = error
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what}`, { cause: failure })
    await delay(everyMs)
  }
}
