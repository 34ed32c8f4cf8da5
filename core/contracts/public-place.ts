/** Where clients reach a listener, as far as its process knows. */
export interface PublicPlace {
  /** URL set by the operator; null when it follows from the other fields. */
  url: string | null
  scheme: 'http' | 'https'
  /** Address that the process listens on, which may be a wildcard or loopback. */
  host: string
  port: number
}

const wildcards = new Set(['0.0.0.0', '::', '[::]', ''])
const loopbacks = new Set(['127.0.0.1', '::1', '[::1]', 'localhost'])
/** A host name or IP address, without any character that could break out of a URL. */
const hostExpression = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])$/i

/** Whether an address stands for every address of its machine. */
export const isWildcard = (host: string) => wildcards.has(host)

/** Puts an IPv6 address into the brackets that it needs in a URL. */
export const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** Returns the host name in a Host header; `fallback` when the header is missing or not a host. */
export function hostName(header: string | undefined, fallback = '127.0.0.1'): string {
  const name = header?.replace(/:\d{1,5}$/, '') ?? ''
  return hostExpression.test(name) ? name : fallback
}

/**
 * Base URL of a place for a client that sent this Host header. A specific address works for every client. A
 * wildcard or loopback address is replaced by the name in the header, because a client that reached this
 * process by that name can reach the place by it too.
 */
export function placeUrl({ url, scheme, host, port }: PublicPlace, hostHeader: string | undefined): string {
  if (url !== null) return url
  const name = isWildcard(host) ? hostName(hostHeader) : bracketed(host)
  return `${scheme}://${loopbacks.has(host) ? hostName(hostHeader, name) : name}:${port}`
}
