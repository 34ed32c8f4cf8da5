import type { Exchange } from './exchange.ts'

/** `sid` of CMCD (CTA-5004), in the query as it stands there percent-encoded, or in its header. */
const sidInQuery = /[?&]CMCD=(?:[^&]*?(?:,|%2C|%20))?sid(?:=|%3D)(?:"|%22)([A-Za-z0-9-]{1,64})(?:"|%22)/i
const sidInHeader = /(?:^|,)\s*sid="([A-Za-z0-9-]{1,64})"/

/** A number that stands for one viewer: of the player's session id when it tells one (CMCD), else of address and user agent. */
export function viewerIdOf({
  target,
  headers,
  client,
}: Pick<Exchange, 'target' | 'headers' | 'client'>): number {
  const header = headers['cmcd-session']
  const sid = target.includes('CMCD=')
    ? sidInQuery.exec(target)?.[1]
    : typeof header === 'string'
      ? sidInHeader.exec(header)?.[1]
      : undefined
  if (sid !== undefined) return hash(sid)
  const userAgent = headers['user-agent'] ?? ''
  // The user agent rarely changes within one connection.
  if (client.viewer?.userAgent === userAgent) return client.viewer.id
  const id = hash(`${client.address} ${userAgent.slice(0, 512)}`)
  client.viewer = { userAgent, id }
  return id
}

/** 53 bits of a text, evenly spread (two rounds of FNV-1a with different seeds). Not for secrets. */
function hash(text: string): number {
  let high = 0x811c9dc5
  let low = 0x1b873593
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
  }
  high ^= low >>> 15
  low ^= high >>> 13
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0)
}
