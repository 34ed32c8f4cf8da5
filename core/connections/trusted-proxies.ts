import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { networkTest, plainAddress } from './networks.ts'

/** Knows which peers are proxies, and who their clients are. */
export interface TrustedProxies {
  /** Whether the address is that of a trusted proxy. */
  trusts(address: string | undefined): boolean
  /**
   * Returns the address of the client behind a trusted proxy, from `X-Forwarded-For`, or else `Forwarded`
   * (RFC 7239); otherwise `peer`.
   */
  clientOf(peer: string | undefined, headers: IncomingHttpHeaders): string | undefined
}

/** `networks` has the addresses and networks of the proxies. Returns undefined when there are none. */
export function createTrustedProxies(networks: readonly string[]): TrustedProxies | undefined {
  if (networks.length === 0) return undefined
  const isProxy = networkTest(networks)
  const trusts = (address: string | undefined) => address !== undefined && isProxy(address)
  return {
    trusts,
    clientOf(peer, headers) {
      if (!trusts(peer)) return peer
      const chain = headers['x-forwarded-for']
      if (typeof chain === 'string') return nearestClient(peer, chain, (element) => element)
      return headers.forwarded === undefined ? peer : nearestClient(peer, headers.forwarded, forOf)
    },
  }

  /**
   * Reads a list to which each proxy has appended the address of its own client, from the end. The last
   * address that is not a trusted proxy is that of the client. Everything before it may be forged by the
   * client.
   */
  function nearestClient(peer: string | undefined, list: string, addressIn: (element: string) => string) {
    let client = peer
    for (let end = list.length; end >= 0; ) {
      const comma = list.lastIndexOf(',', end - 1)
      const address = withoutPort(addressIn(list.slice(comma + 1, end).trim()))
      if (isIP(address) === 0) return client
      client = address
      if (comma < 0 || !isProxy(address)) return client
      end = comma
    }
    return client
  }
}

/** Returns the node of an element of `Forwarded`; empty when there is none (RFC 7239 4). */
const forOf = (element: string) => /(?:^|;)\s*for="?([^";]*)/i.exec(element)?.[1] ?? ''

/** Returns the address of `192.0.2.7:4711`, `[2001:db8::1]:4711` or an address alone, in its plain form. */
function withoutPort(node: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(node) ?? []
  return plainAddress(bracketed ?? node.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'))
}
