import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from './client-network.ts'
import { plainAddress } from './networks.ts'

/** Where a request came from. Addresses are undefined when the connection is closed. */
export interface RequestOrigin {
  /** Address of the client, which a trusted proxy may have named. */
  address: string | undefined
  /** Address at which the connection arrived. */
  localAddress: string | undefined
  headers: IncomingHttpHeaders
}

/** Header fields by which a proxy shows that it passes on a request of another client. */
const proxyFields = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via']

/**
 * Whether a request came to the internal address, which viewers do not reach, and not through a proxy. If
 * that address is loopback, the client must be on this machine. A wildcard accepts every request.
 */
export function isInternal(
  { address = '', localAddress = '', headers }: RequestOrigin,
  internalHost: string,
): boolean {
  if (internalHost === '0.0.0.0' || internalHost === '::') return true
  if (proxyFields.some((name) => headers[name] !== undefined)) return false
  if (internalHost === 'localhost' || isLoopback(internalHost)) return isLoopback(address)
  return plainAddress(localAddress) === plainAddress(internalHost)
}
