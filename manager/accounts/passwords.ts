import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Problem } from '../http/problem.ts'

/** Parameters of argon2id (RFC 9106) for new hashes: one of the equally strong sets of OWASP. */
const current = { memory: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const tagBytes = 32
/** Maximum memory that a stored hash may ask for, KiB. */
const maxMemory = 65_536

/** Maximum number of hashes at the same time; each needs 19 MiB and 40 ms of a core. */
const maxAtOnce = 2
/** Maximum number of hashes that wait. */
const maxWaiting = 16
/** Number of those places that only clients from which an account has signed in before may use. */
const reservedPlaces = 4

const derive = promisify(argon2)

export interface HashOptions {
  /**
   * Whether an account has signed in from this client before. Such a client waits where others are refused.
   */
  isKnownClient?: boolean
}

export type Passwords = ReturnType<typeof createPasswords>

/**
 * Hashes and verifies passwords. `key`, from the cluster secret, is mixed in (HMAC-SHA256), so that hashes
 * from a stolen database cannot be tried without it. Passwords are normalised to NFKC.
 */
export function createPasswords(key: string) {
  const places = createPlaces()

  const tagOf = (password: string, salt: Buffer, { memory, passes, parallelism }: typeof current) =>
    derive('argon2id', {
      message: createHmac('sha256', key).update(password.normalize('NFKC')).digest(),
      nonce: salt,
      memory,
      passes,
      parallelism,
      tagLength: tagBytes,
    })

  return {
    /** Returns the hash of a password in PHC form. @throws Problem `sign_in_busy` */
    hash: (password: string, { isKnownClient = true }: HashOptions = {}): Promise<string> =>
      places.run(isKnownClient, async () => {
        const salt = randomBytes(saltBytes)
        return phcOf(salt, await tagOf(password, salt, current))
      }),

    /**
     * Whether a password is the one with this hash. Without a hash it does the same work and returns false.
     * @throws Problem `sign_in_busy`
     */
    verify: (password: string, phc: string | undefined, { isKnownClient = false }: HashOptions = {}) =>
      places.run(isKnownClient, async (): Promise<boolean> => {
        const stored = phc === undefined ? undefined : readPhc(phc)
        const tag = await tagOf(password, stored?.salt ?? randomBytes(saltBytes), stored?.cost ?? current)
        return stored !== undefined && timingSafeEqual(tag, stored.tag)
      }),
  }
}

/** Runs at most `maxAtOnce` tasks at the same time, in the order of their arrival. */
function createPlaces() {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async run<T>(isKnownClient: boolean, task: () => Promise<T>): Promise<T> {
      const places = isKnownClient ? maxWaiting : maxWaiting - reservedPlaces
      if (running < maxAtOnce) running += 1
      else if (waiting.length < places) await new Promise<void>((resolve) => waiting.push(resolve))
      else throw new Problem('sign_in_busy', 'Try again in 1 s', { retryAfterSeconds: 1 })
      try {
        return await task()
      } finally {
        // A task that waits takes over the place of this one.
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

/** Returns a hash in the string format of the password hashing competition. */
const phcOf = (salt: Buffer, tag: Buffer) =>
  `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${base64(salt)}$${base64(tag)}`

const phcExpression = /^\$argon2id\$v=19\$m=(\d{1,5}),t=(\d{1,2}),p=(\d)\$([\w+/]{22})\$([\w+/]{43})$/

/** Returns the parts of a hash; undefined when it is not one of this file, or too costly. */
function readPhc(phc: string) {
  const [, memory, passes, parallelism, salt, tag] = phcExpression.exec(phc) ?? []
  if (salt === undefined || tag === undefined || Number(memory) > maxMemory) return undefined
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}
