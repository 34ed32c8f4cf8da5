import { setTimeout as delay } from 'node:timers/promises'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { type Redis, redisPrefix } from '../../core/process/redis.ts'
import { Problem } from '../http/problem.ts'

/** How attempts of one kind are slowed down. */
interface Pace {
  /** Number of failures that cost nothing. */
  free: number
  /** Maximum time between two attempts, ms. It doubles with each failure, from `firstMs`. */
  maxMs: number
}

const paces = {
  /** All attempts at one account from clients that it does not know. */
  account: { free: 5, maxMs: 30_000 },
  /** All attempts of one network. Many people may share it, so the time is short. */
  network: { free: 20, maxMs: 2000 },
  /** Accounts that a network creates without a link. Each counts as a failure. */
  'sign-up': { free: 5, maxMs: 30_000 },
  /** Attempts of a browser at the account that has signed in there before. */
  browser: { free: 10, maxMs: 30_000 },
} as const satisfies Record<string, Pace>

/** One thing by which failures are counted, such as a network. */
export interface AttemptKey {
  kind: keyof typeof paces
  /** Contains no e-mail address and no other personal data but an address of a network. */
  id: string
}

const firstMs = 500
/** Time after which failures are forgotten, ms, from the last one. */
const memoryMs = 15 * 60_000
/** Maximum time that a request waits for its turn, ms. */
const maxWaitMs = 3000
/** Maximum number of requests that wait for their turn. */
const maxWaiting = 100

/** Where failures and turns are counted. */
interface Counters {
  failures(key: string): Promise<number>
  fail(key: string): Promise<void>
  forget(key: string): Promise<void>
  /** Takes the turn for `ms`. Returns 0, or the time until the turn of another request ends, ms. */
  takeTurn(key: string, ms: number): Promise<number>
}

export type SignInAttempts = ReturnType<typeof createSignInAttempts>

/**
 * Slows down attempts to guess passwords. After some failures there is one attempt per turn, and turns get
 * longer with every failure. No account is locked: the right password is accepted at its turn. Counts are in
 * Redis, for all managers; while it is away, each manager counts in its own memory.
 */
export function createSignInAttempts(
  redis: Pick<Redis, 'status' | 'get' | 'set' | 'pttl' | 'del' | 'multi'>,
) {
  const [shared, own] = [createRedisCounters(redis), createMemoryCounters()]
  let waiting = 0

  async function count<T>(work: (counters: Counters) => Promise<T>): Promise<T> {
    if (redis.status !== 'ready') return work(own)
    return work(shared).catch(() => work(own))
  }

  async function turn({ kind, id }: AttemptKey): Promise<void> {
    const key = `${kind}:${id}`
    const { free, maxMs } = paces[kind]
    const failures = await count((counters) => counters.failures(key))
    if (failures < free) return
    const turnMs = Math.min(maxMs, firstMs * 2 ** Math.min(20, failures - free))
    const deadline = performance.now() + maxWaitMs
    for (;;) {
      const leftMs = await count((counters) => counters.takeTurn(key, turnMs))
      if (leftMs <= 0) return
      if (performance.now() + leftMs > deadline || waiting >= maxWaiting) throw tooMany(leftMs)
      waiting += 1
      await delay(leftMs).finally(() => {
        waiting -= 1
      })
    }
  }

  return {
    /**
     * Resolves when the password may be checked, at most `maxWaitMs` later for each key.
     * @throws Problem `too_many_attempts`
     */
    async turn(keys: readonly AttemptKey[]): Promise<void> {
      for (const key of keys) await turn(key)
    },

    async noteFailure(keys: readonly AttemptKey[]): Promise<void> {
      for (const { kind, id } of keys) await count((counters) => counters.fail(`${kind}:${id}`))
    },

    async forget({ kind, id }: AttemptKey): Promise<void> {
      await count((counters) => counters.forget(`${kind}:${id}`))
    },
  }
}

function tooMany(leftMs: number): Problem {
  const retryAfterSeconds = Math.ceil(leftMs / 1000)
  return new Problem('too_many_attempts', `Try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
}

function createRedisCounters(redis: Pick<Redis, 'get' | 'set' | 'pttl' | 'del' | 'multi'>): Counters {
  const nameOf = (key: string) => `${redisPrefix}sign-in:${key}`
  const turnOf = (key: string) => `${redisPrefix}sign-in-turn:${key}`
  return {
    failures: async (key) => Number((await redis.get(nameOf(key))) ?? 0),
    async fail(key) {
      await redis.multi().incr(nameOf(key)).pexpire(nameOf(key), memoryMs).exec()
    },
    async forget(key) {
      await redis.del(nameOf(key), turnOf(key))
    },
    async takeTurn(key, ms) {
      if ((await redis.set(turnOf(key), '1', 'PX', ms, 'NX')) !== null) return 0
      return Math.max(1, await redis.pttl(turnOf(key)))
    },
  }
}

function createMemoryCounters(now = () => performance.now(), maxKeys = 10_000): Counters {
  const failures = new BoundedMap<string, { count: number; endsAt: number }>(maxKeys)
  const turns = new BoundedMap<string, number>(maxKeys)
  const known = (key: string) => {
    const failed = failures.get(key)
    return failed !== undefined && failed.endsAt > now() ? failed.count : 0
  }
  return {
    failures: async (key) => known(key),
    async fail(key) {
      failures.set(key, { count: known(key) + 1, endsAt: now() + memoryMs })
    },
    async forget(key) {
      failures.delete(key)
      turns.delete(key)
    },
    async takeTurn(key, ms) {
      const endsAt = turns.get(key) ?? 0
      if (endsAt > now()) return endsAt - now()
      turns.set(key, now() + ms)
      return 0
    },
  }
}
