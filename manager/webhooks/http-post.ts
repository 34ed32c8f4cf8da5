import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { AddressPolicy } from './address-policy.ts'

/** What came of one attempt. */
export interface PostOutcome {
  /** Status of the response; null when there was no response. */
  status: number | null
  /** Word for why there was no response. It contains no part of the URL. */
  error: string | null
  /** Value of `Retry-After` of the response. */
  retryAfter: string | undefined
}

export type Post = (
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<PostOutcome>

/** Maximum time of an attempt, from the look-up of the name to the head of the response, ms. */
const timeoutMs = 15_000
/**
 * Maximum of the body of a response that is read, bytes and ms. It is read at all only for endpoints that
 * report an error when their response is cut off.
 */
const [readBytes, readMs] = [4096, 500]

type Resolve = (name: string) => Promise<{ address: string }[]>

const resolveName: Resolve = (name) => lookup(name, { all: true, verbatim: true })

/**
 * Returns a function that posts JSON. The name of the endpoint is resolved once, and the connection goes to
 * an address that the policy permits, so no answer of DNS and no redirect leads to another one. Redirects are
 * not followed. Never rejects. When `signal` aborts, the error is `aborted`.
 */
export function createPost(
  isPermitted: AddressPolicy,
  resolve: Resolve = resolveName,
  limitMs = timeoutMs,
): Post {
  async function permittedAddress(hostname: string): Promise<string | undefined> {
    const bare = hostname.replace(/^\[(.*)\]$/, '$1')
    const found = isIP(bare) === 0 ? await resolve(bare) : [{ address: bare }]
    return found.map(({ address }) => address).find(isPermitted)
  }

  async function post(url: URL, body: string, headers: Record<string, string>, signal: AbortSignal) {
    const address = await abortable(permittedAddress(url.hostname), signal)
    if (address === undefined) return failure('address_refused')
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'nowcast-webhooks/1',
      },
      agent: false,
      signal,
      lookup: (_name, options, done) => {
        const family = isIP(address)
        if (options.all) done(null, [{ address, family }])
        else done(null, address, family)
      },
    })
    request.end(body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    const { statusCode = 0, headers: received } = response
    await skipBody(response)
    return { status: statusCode, error: null, retryAfter: received['retry-after'] }
  }

  return async (url, body, headers, signal) => {
    const limit = AbortSignal.timeout(limitMs)
    try {
      return await post(new URL(url), body, headers, AbortSignal.any([signal, limit]))
    } catch (error) {
      if (signal.aborted) return failure('aborted')
      return failure(limit.aborted ? 'timeout' : wordOf(error))
    }
  }
}

const failure = (error: string): PostOutcome => ({ status: null, error, retryAfter: undefined })

/** Rejects when `signal` aborts first. A look-up cannot be aborted. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}

/** Reads the body of a response up to a limit, then closes the connection. */
async function skipBody(response: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, readMs)
  let read = 0
  response
    .on('data', ({ length }: Buffer) => {
      read += length
      if (read > readBytes) resolve()
    })
    .on('error', () => resolve())
    .once('close', resolve)
  await promise
  clearTimeout(timer)
  response.destroy()
}

/**
 * Returns the code of an error of Node.js or OpenSSL, such as `ECONNREFUSED`, as a word of limited length.
 */
function wordOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'failed'
}
