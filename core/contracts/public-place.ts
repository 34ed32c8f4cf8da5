/** How clients reach a listener, as far as its process knows. */
export interface PublicPlace {
  /** Base URL that the operator set; null when it follows from the other fields. */
  url: string | null
  scheme: 'http' | 'https'
  /** Address that the process listens on, which may be a wildcard or loopback. */
  host: string
  port: number
}

const wildcards = new Set(['0.0.0.0', '::', '[::]', ''])
const loopbacks = new Set(['127.0.0.1', '::1', '[::1]', 'localhost'])
/** Host name or IP address, IPv6 in brackets, without any character that could end the host in a URL. */
const hostExpression = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])$/i

export const isWildcard = (host: string) => wildcards.has(host)

/** Puts an IPv6 address into brackets, as URLs require. Returns any other host as it is. */
export const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** Returns the host in a Host header without the port; `fallback` when the header is missing or invalid. */
export function hostName(header: string | undefined, fallback = '127.0.0.1'): string {
  const name = header?.replace(/:\d{1,5}$/, '') ?? ''
  return hostExpression.test(name) ? name : fallback
}

/**
 * Returns the base URL of a place for a client that sent this Host header: `url` if it is set, otherwise a
 * URL made of the address and port. A wildcard or loopback address is replaced by the host in the header,
 * because the client reached this machine by that host.
 */
export function placeUrl({ url, scheme, host, port }: PublicPlace, hostHeader: string | undefined): string {
  if (url !== null) return url
  const name = isWildcard(host) ? hostName(hostHeader) : bracketed(host)
  return `${scheme}://${loopbacks.has(host) ? hostName(hostHeader, name) : name}:${port}`
}
