import type { Socket } from 'node:net'

export interface ConnectionLimits {
  total: number
  perAddress: number
}

/** Counts open sockets, TLS handshakes included, in total and by address. */
export function createConnectionLimit({ total, perAddress }: ConnectionLimits) {
  const counts = new Map<string, number>()
  let open = 0

  function leave(address: string) {
    open--
    const left = (counts.get(address) ?? 1) - 1
    if (left > 0) counts.set(address, left)
    else counts.delete(address)
  }

  return {
    /** Whether one more may come; it is counted until it closes. */
    admits(socket: Socket): boolean {
      const address = socket.remoteAddress ?? 'unknown'
      const ofAddress = counts.get(address) ?? 0
      if (open >= total || ofAddress >= perAddress) return false
      open++
      counts.set(address, ofAddress + 1)
      socket.once('close', () => leave(address))
      return true
    },
  }
}
