import type { Socket } from 'node:net'
import { ConnectionLimit, type ConnectionLimits } from '../../core/connections/connection-limit.ts'
import { KeyedCount } from '../../core/mechanisms/keyed-count.ts'

/** A connection that counts in the limits. `socket` is the accepted one, before TLS. */
interface Place {
  id: string
  network: string
  socket: Socket
  leave(): void
}

/** Returns an id that the accepted socket of a connection and the TLS socket made from it have in common. */
export const placeIdOf = ({ remoteAddress, remotePort, localPort }: Socket) =>
  `${remoteAddress} ${remotePort} ${localPort}`

/**
 * Creates the places of an ingest. Each is one of the connections that the limits allow. A client that has
 * never published does not keep its place: at a limit, a newcomer replaces the oldest such client, of its own
 * network if that is at its limit, otherwise of the network with most of them. So an attacker with many
 * connections mostly evicts its own.
 */
export function createPlaces(limits: ConnectionLimits) {
  const limit = new ConnectionLimit(limits)
  const taken = new Set<Place>()
  /** Places of clients that have never published, the oldest first. */
  const unproven = new Map<string, Place>()

  function release(place: Place) {
    place.leave()
    taken.delete(place)
    if (unproven.get(place.id) === place) unproven.delete(place.id)
  }

  function leastDeserving(network: string): Place | undefined {
    const full = limit.full(network)
    if (full === undefined) return undefined
    const loser = full === 'client' ? network : busiest()
    return [...unproven.values()].find((place) => place.network === loser)
  }

  function busiest(): string | undefined {
    const counts = new KeyedCount()
    for (const { network } of unproven.values()) counts.enter(network)
    let most: string | undefined
    for (const { network } of unproven.values())
      if (most === undefined || counts.of(network) > counts.of(most)) most = network
    return most
  }

  return {
    get open() {
      return limit.open
    },

    /**
     * Takes a place for a socket that was just accepted, until the socket closes. Returns whether it got one,
     * and the client that was evicted for it. The caller closes a refused and an evicted socket.
     */
    take(socket: Socket): { hasPlace: boolean; evicted: Place | undefined } {
      const network = limit.networkOf(socket)
      const evicted = leastDeserving(network)
      if (evicted) release(evicted)
      if (limit.full(network) !== undefined) return { hasPlace: false, evicted }
      const place = { id: placeIdOf(socket), network, socket, leave: limit.enter(network) }
      taken.add(place)
      unproven.set(place.id, place)
      socket.once('close', () => release(place))
      return { hasPlace: true, evicted }
    },

    /** Protects the place of a client that publishes from eviction. */
    keep(id: string): void {
      unproven.delete(id)
    },

    /** Destroys all sockets that have a place, also those in their TLS handshake. */
    destroy(): void {
      for (const { socket } of taken) socket.destroy()
    },
  }
}
