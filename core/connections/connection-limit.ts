import type { Socket } from 'node:net'
import { KeyedCount } from '../mechanisms/keyed-count.ts'
import { isLoopback, networkOf } from './client-network.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** Maximum number of open connections, in total and per client; `perClient` 0: no limit per client. */
export interface ConnectionLimits {
  total: number
  perClient: number
  /**
   * Whether loopback has no limit per client, because a proxy on this machine connects for all its clients.
   */
  sparesLoopback?: boolean
  /** Trusted proxies. Their connections have no limit per client, because each carries many clients. */
  proxies?: Pick<TrustedProxies, 'trusts'> | undefined
}

/**
 * Counts open connections, including those in their TLS handshake. A client is one IPv4 address or one /64 of
 * IPv6.
 */
export class ConnectionLimit {
  readonly #total: number
  readonly #clients: KeyedCount
  readonly #sparesLoopback: boolean
  readonly #proxies: ConnectionLimits['proxies']
  #open = 0
  #refused = 0

  constructor({ total, perClient, proxies, sparesLoopback = false }: ConnectionLimits) {
    this.#total = total
    this.#proxies = proxies
    this.#clients = new KeyedCount(perClient)
    this.#sparesLoopback = sparesLoopback
  }

  /** Number of connections that are open now. */
  get open(): number {
    return this.#open
  }

  /** Number of connections that `screen` has closed since the start. */
  get refused(): number {
    return this.#refused
  }

  /** Returns the network that a connection counts for; empty when it has no limit per client. */
  networkOf({ remoteAddress }: Socket): string {
    const isSpared = this.#sparesLoopback && isLoopback(remoteAddress ?? '')
    return isSpared || this.#proxies?.trusts(remoteAddress) ? '' : networkOf(remoteAddress)
  }

  /** Returns which limit is reached, that of the client or the total; undefined when there is room. */
  full(network: string): 'total' | 'client' | undefined {
    if (network !== '' && !this.#clients.hasRoom(network)) return 'client'
    return this.#open >= this.#total ? 'total' : undefined
  }

  /**
   * Counts a connection, for which the caller has found room with `full`. Returns the function that stops
   * counting it; only its first call has an effect.
   */
  enter(network: string): () => void {
    if (network !== '') this.#clients.enter(network)
    this.#open += 1
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.#open -= 1
      if (network !== '') this.#clients.leave(network)
    }
  }

  /**
   * Counts an accepted socket until it closes. Without room it closes the socket at once and returns false.
   */
  screen(socket: Socket): boolean {
    const network = this.networkOf(socket)
    if (this.full(network) !== undefined) {
      this.#refused += 1
      socket.destroy()
      return false
    }
    socket.once('close', this.enter(network))
    return true
  }
}
