import { fingerprint } from '../experience/fingerprint.ts'
import type { Exchange } from '../http/exchange.ts'

/**
 * A number that stands for one viewer: of the session id that the player told (`told`, CMCD), else of address, user agent and playback
 * token, where there is one: several may share either. Nothing is kept at the viewer's.
 */
export function viewerIdOf(
  { headers, client, token }: Pick<Exchange, 'headers' | 'client' | 'token'>,
  told = Number.NaN,
): number {
  if (!Number.isNaN(told)) return told
  const known = client.viewer
  // The hot path gives the same object while the fields stay the same.
  if (known?.headers === headers && known.token === token) return known.id
  const userAgent = headers['user-agent'] ?? ''
  // Also else the user agent rarely changes within one connection.
  const id =
    known?.userAgent === userAgent && known.token === token
      ? known.id
      : fingerprint(`${client.address} ${token} ${userAgent.slice(0, 512)}`)
  client.viewer = { headers, userAgent, token, id }
  return id
}
