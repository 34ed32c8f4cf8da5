import type { Exchange } from './exchange.ts'
import { fingerprint } from './fingerprint.ts'

/**
 * A number that stands for one viewer: of the session id that the player told (`told`, CMCD), else of address and user agent.
 * Nothing is kept at the viewer's.
 */
export function viewerIdOf(
  { headers, client }: Pick<Exchange, 'headers' | 'client'>,
  told = Number.NaN,
): number {
  if (!Number.isNaN(told)) return told
  const known = client.viewer
  // The hot path gives the same object while the fields stay the same.
  if (known?.headers === headers) return known.id
  const userAgent = headers['user-agent'] ?? ''
  // Also else the user agent rarely changes within one connection.
  const id =
    known?.userAgent === userAgent ? known.id : fingerprint(`${client.address} ${userAgent.slice(0, 512)}`)
  client.viewer = { headers, userAgent, id }
  return id
}
