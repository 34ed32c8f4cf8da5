import type { RedisOptions } from 'ioredis'
import { NowcastError } from './errors.ts'

/** Port of Sentinel by its convention. */
const sentinelPort = 26379
/** Maximum time for the response of a sentinel, ms. Then the next one is asked. */
const sentinelTimeout = 2000

/** `scheme`, `user`, `password`, `hosts`, `name` and `db` of an address with sentinels, and its query. */
const sentinelExpression =
  /^(?<scheme>rediss?)\+sentinel:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)\/(?<name>[^/?#]+)(?:\/(?<db>\d{1,4}))?(?:\?(?<query>[^#]*))?$/
const hostExpression = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/

/**
 * Returns the options of ioredis for a primary that Sentinel names; undefined for any other address. The form
 * is `redis+sentinel://[user:password@]host[:port],…/NAME[/DB]`, with `rediss` for TLS. User and password are
 * those of Redis; those of the sentinels are `sentinel_username` and `sentinel_password` in the query.
 * Characters that have a meaning in URLs are percent-encoded.
 * @throws NowcastError `bad_settings` when the form is another one; the message has no part of the address
 */
export function sentinelOptions(address: string): Omit<RedisOptions, 'replyMapping'> | undefined {
  if (!/^rediss?\+sentinel:/.test(address)) return undefined
  const parts = sentinelExpression.exec(address)?.groups
  const sentinels = parts?.hosts?.split(',').map(sentinelOf)
  if (parts === undefined || sentinels === undefined || !sentinels.every((each) => each !== undefined))
    throw badAddress()
  const { scheme, user, password, name = '', db = '0' } = parts
  const query = new URLSearchParams(parts.query)
  const given = {
    username: decoded(user),
    password: decoded(password),
    sentinelUsername: query.get('sentinel_username'),
    sentinelPassword: query.get('sentinel_password'),
  }
  return {
    sentinels,
    name: decoded(name) ?? '',
    db: Number(db),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)),
    ...(scheme === 'rediss' ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
    sentinelCommandTimeout: sentinelTimeout,
    sentinelRetryStrategy: (attempt) => Math.min(100 * attempt, 1000),
    // A primary that is frozen closes no connection. The sentinels say when there is another one.
    failoverDetector: true,
    // One that has become a replica keeps its connections, and refuses writes.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  }
}

function sentinelOf(text: string): { host: string; port: number } | undefined {
  const { host, port = sentinelPort } = hostExpression.exec(text)?.groups ?? {}
  if (host === undefined || Number(port) > 65_535) return undefined
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    throw badAddress()
  }
}

const badAddress = () =>
  new NowcastError(
    'bad_settings',
    'REDIS_URL with sentinels has the form redis+sentinel://[user:password@]host:port,host:port/NAME[/DB]',
  )
