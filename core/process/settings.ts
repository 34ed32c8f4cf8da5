import { isIPv6, SocketAddress } from 'node:net'
import { NowcastError } from './errors.ts'
import { minSecretLength } from './secrets.ts'

/**
 * Parses the value of one variable. `text` is undefined when the variable is unset or empty.
 * @throws Error whose message says what is allowed, without values that may be secrets
 */
export type Parse<T> = (text: string | undefined) => T

type Values<Shape> = { [Name in keyof Shape]: Shape[Name] extends { read: Parse<infer T> } ? T : never }

interface Setting<T> {
  /** Name of the environment variable, such as `REDIS_URL`. */
  variable: string
  read: Parse<T>
}

/** Creates a setting that accepts any text. */
export function text(variable: string): Setting<string | undefined>
export function text(variable: string, fallback: string): Setting<string>
export function text(variable: string, fallback?: string): Setting<string | undefined> {
  return { variable, read: (value) => value ?? fallback }
}

/**
 * Creates a setting of a host name or an IP address. IPv6 may be in brackets, as it is in URLs, and gets its
 * canonical form, in which Node.js returns the addresses of sockets.
 */
export function address(variable: string): Setting<string | undefined>
export function address(variable: string, fallback: string): Setting<string>
export function address(variable: string, fallback?: string): Setting<string | undefined> {
  return {
    variable,
    read(value) {
      const bare = value?.replace(/^\[(.*)\]$/, '$1')
      if (bare === undefined || bare === '') return fallback
      if (!isIPv6(bare) || bare.includes('%')) return bare
      return new SocketAddress({ address: bare, family: 'ipv6' }).address
    },
  }
}

/** Creates a setting of a secret that cannot be guessed. */
export function secret(variable: string): Setting<string | undefined> {
  return {
    variable,
    read(value) {
      if (value !== undefined && value.length < minSecretLength)
        throw new Error(
          `must have at least ${minSecretLength} characters, for example those of \`openssl rand -hex 32\``,
        )
      return value
    },
  }
}

/** Creates a setting of a whole number from `min` to `max`, both included. */
export function integer(variable: string, fallback: number, min: number, max: number): Setting<number> {
  return {
    variable,
    read(value) {
      if (value === undefined) return fallback
      const number = Number(value)
      if (!/^-?\d+$/.test(value) || number < min || number > max)
        throw new Error(`must be a whole number from ${min} to ${max}`)
      return number
    },
  }
}

/** Creates a setting of a TCP port. With 0 the system chooses a free one. */
export function port(variable: string, fallback: number): Setting<number> {
  return integer(variable, fallback, 0, 65_535)
}

/** Creates a setting of a TCP port that is undefined when unset, which turns the listener off. */
export function optionalPort(variable: string): Setting<number | undefined> {
  const read = port(variable, 0).read
  return { variable, read: (value) => (value === undefined ? undefined : read(value)) }
}

/** Creates a setting that must be one of `words`. Upper and lower case differ. */
export function oneOf<const Word extends string>(
  variable: string,
  words: readonly Word[],
  fallback: NoInfer<Word>,
): Setting<Word> {
  return {
    variable,
    read(value) {
      if (value === undefined) return fallback
      const word = words.find((each) => each === value)
      if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`)
      return word
    },
  }
}

/** Creates a setting of an http or https URL. Trailing slashes are removed, so that paths can be appended. */
export function httpUrl(variable: string): Setting<string | undefined> {
  return {
    variable,
    read(value) {
      if (value === undefined) return undefined
      if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
        throw new Error('must be an http:// or https:// URL')
      return value.replace(/\/+$/, '')
    },
  }
}

/** Creates a setting of http or https URLs, separated by commas. The list is empty when it is unset. */
export function httpUrls(variable: string): Setting<string[]> {
  const { read } = httpUrl(variable)
  return {
    variable,
    read: (value) =>
      (value ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : (read(each.trim()) ?? []))),
  }
}

/**
 * Reads every setting of `shape`. Trims values; an empty value counts as unset.
 * @throws NowcastError `bad_settings`, one line that names each bad variable and what it allows
 */
export function readSettings<Shape extends Record<string, Setting<unknown>>>(
  shape: Shape,
  environment: NodeJS.ProcessEnv,
): Values<Shape> {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, setting] of Object.entries(shape)) {
    const given = environment[setting.variable]?.trim()
    try {
      values[name] = setting.read(given === '' ? undefined : given)
    } catch (error) {
      problems.push(`${setting.variable} ${error instanceof Error ? error.message : error}`)
    }
  }
  if (problems.length > 0) throw new NowcastError('bad_settings', problems.join('; '))
  return values as Values<Shape>
}
