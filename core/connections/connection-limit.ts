import type { Socket } from 'node:net'
import { KeyedCount } from '../mechanisms/keyed-count.ts'
import { isLoopback, networkOf } from './client-network.ts'

/** Maximum number of open connections, in total and per client; `perClient` 0: no limit per client. */
export interface ConnectionLimits {
  total: number
  perClient: number
  /** Whether clients of this machine have no limit per client. A proxy connects for all its clients. */
  sparesLoopback?: boolean
}

/**
 * Counts open connections, including those in their TLS handshake. A client is one IPv4 address or one /64 of
 * IPv6.
 */
export class ConnectionLimit {
  readonly #total: number
  readonly #clients: KeyedCount
  readonly #sparesLoopback: boolean
  #open = 0
  #refused = 0

  constructor({ total, perClient, sparesLoopback = false }: ConnectionLimits) {
    this.#total = total
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

  /** Whether the client or the total is at its limit; undefined when there is room. */
  full(network: string): 'total' | 'client' | undefined {
    if (!this.#clients.hasRoom(network)) return 'client'
    return this.#open >= this.#total ? 'total' : undefined
  }

  /**
   * Counts a connection of a client that has room. The returned function ends that and may be called twice.
   */
  enter(network: string): () => void {
    this.#clients.enter(network)
    this.#open += 1
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.#open -= 1
      this.#clients.leave(network)
    }
  }

  /** Counts an accepted socket until it closes. Closes it at once, and returns false, without room. */
  screen(socket: Socket): boolean {
    const { remoteAddress = '', remotePort } = socket
    const isSpared = this.#sparesLoopback && isLoopback(remoteAddress)
    // The port makes each connection a client of its own.
    const network = isSpared ? `${remoteAddress} ${remotePort}` : networkOf(remoteAddress)
    if (this.full(network) !== undefined) {
      this.#refused += 1
      socket.destroy()
      return false
    }
    socket.once('close', this.enter(network))
    return true
  }
}
