/** Where the outside reaches a listener, as far as the process itself can tell. */
export interface PublicPlace {
  /** What the operator said; null: it follows from the rest. */
  url: string | null
  scheme: 'http' | 'https'
  /** The address it listens at, which may stand for all of its machine or be reached from this machine alone. */
  host: string
  port: number
}

const wildcards = new Set(['0.0.0.0', '::', '[::]', ''])
const loopbacks = new Set(['127.0.0.1', '::1', '[::1]', 'localhost'])
/** A name or address as it may stand in a URL: nothing that could leave it. */
const hostExpression = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])$/i

/** Whether an address means every address of its machine. */
export const isWildcard = (host: string) => wildcards.has(host)

/** An address as it stands in a URL. */
export const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** The name in a Host header; `fallback` for one that is missing or is no host. */
export function hostName(header: string | undefined, fallback = '127.0.0.1'): string {
  const name = header?.replace(/:\d{1,5}$/, '') ?? ''
  return hostExpression.test(name) ? name : fallback
}

/**
 * Base URL of a place for somebody who came with this Host header. An address of its own serves everybody; one that does not (all addresses,
 * or loopback) is replaced by the name that was heard, because whoever got here under that name gets there too.
 */
export function placeUrl({ url, scheme, host, port }: PublicPlace, heard: string | undefined): string {
  if (url !== null) return url
  const name = isWildcard(host) ? hostName(heard) : bracketed(host)
  return `${scheme}://${loopbacks.has(host) ? hostName(heard, name) : name}:${port}`
}
