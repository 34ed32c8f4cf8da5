import { createHmac, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { secretsMatch } from '../../core/process/secrets.ts'
import { Problem } from '../http/problem.ts'

/** Maximum age of a sign-in, seconds: 30 days. */
const maxAgeSeconds = 30 * 24 * 3600
/** Time for which a browser is recognised as one from which an account has signed in, seconds: a year. */
const browserSeconds = 365 * 24 * 3600

export interface CookieOptions {
  /** URL of the manager if the operator set it. */
  publicUrl: string | undefined
  proxies: TrustedProxies | undefined
  /** Key that signs the cookies of browsers. */
  browserKey: string
}

export type SessionCookies = ReturnType<typeof createSessionCookies>

/**
 * Reads and writes the cookies of browsers. Over HTTPS their names have the prefix `__Host-` (RFC 6265bis
 * 4.1.3.2), so that neither another host of the domain nor plain HTTP can set them.
 */
export function createSessionCookies({ publicUrl, proxies, browserKey }: CookieOptions) {
  const ownOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin
  const isSecure = ({ host, ip, headers }: FastifyRequest) =>
    (ownOrigin?.startsWith('https:') === true && new URL(ownOrigin).host === host) ||
    (proxies?.trusts(ip) === true && headers['x-forwarded-proto'] === 'https')

  const nameOf = (request: FastifyRequest, name: string) => (isSecure(request) ? `__Host-${name}` : name)

  function set(request: FastifyRequest, reply: FastifyReply, name: string, value: string, seconds: number) {
    const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${seconds}`]
    if (isSecure(request)) attributes.push('Secure')
    reply.header('set-cookie', [`${nameOf(request, name)}=${value}`, ...attributes].join('; '))
    reply.header('cache-control', 'no-store')
  }

  const signatureOf = (text: string) => createHmac('sha256', browserKey).update(text).digest('base64url')

  return {
    /** Returns the secret of the sign-in; undefined when the request has none. */
    secretOf: (request: FastifyRequest) => cookieOf(request, nameOf(request, 'nowcast')),

    setSecret: (request: FastifyRequest, reply: FastifyReply, secret: string) =>
      set(request, reply, 'nowcast', secret, maxAgeSeconds),

    clear: (request: FastifyRequest, reply: FastifyReply) => set(request, reply, 'nowcast', '', 0),

    /** Returns an id of the browser if the account has signed in from it before. */
    browserOf(request: FastifyRequest, accountId: string): string | undefined {
      const [account, id, signature] = (cookieOf(request, nameOf(request, 'nowcast-browser')) ?? '').split(
        '.',
      )
      if (account !== accountId || id === undefined || signature === undefined) return undefined
      return secretsMatch(signature, signatureOf(`${account}.${id}`)) ? id : undefined
    },

    /** Lets the browser be recognised at the next sign-in of the account. */
    rememberBrowser(request: FastifyRequest, reply: FastifyReply, accountId: string): void {
      const text = `${accountId}.${randomBytes(12).toString('base64url')}`
      set(request, reply, 'nowcast-browser', `${text}.${signatureOf(text)}`, browserSeconds)
    },

    /**
     * Refuses a request that the page of another site made the browser send: only pages of this origin may
     * use the cookie to change something. Browsers report that in `Sec-Fetch-Site`, or at least in `Origin`.
     * @throws Problem `cross_site`
     */
    requireOwnPage({ host, headers }: FastifyRequest): void {
      const { origin } = headers
      const site = headers['sec-fetch-site']
      if (site === 'same-origin' || site === 'none') return
      if (site === undefined && origin !== undefined && (origin === ownOrigin || isOriginOf(origin, host)))
        return
      throw new Problem('cross_site', 'Only the pages of this server may use the sign-in of a browser')
    },
  }
}

/** Whether an origin is one of this host. Either may leave out the port that its scheme has by default. */
function isOriginOf(origin: string, host: string): boolean {
  const [scheme] = origin.split('/', 1)
  const own = `${scheme}//${host}`
  return URL.canParse(origin) && URL.canParse(own) && new URL(origin).host === new URL(own).host
}

/** Returns the value of a cookie; undefined when there is none, or several. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const values = (headers.cookie ?? '').split(';').flatMap((pair) => {
    const [key, value] = pair.split('=', 2)
    return key?.trim() === name && value !== undefined ? [value.trim()] : []
  })
  return values.length === 1 && values[0] !== '' ? values[0] : undefined
}
