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
  const known = client.viewer
  const question = target.indexOf('?')
  const hasCmcd = question > 0 && target.includes('CMCD=', question)
  // The hot path gives the same object while the fields stay the same.
  if (!hasCmcd && known?.headers === headers) return known.id
  const header = headers['cmcd-session']
  const sid = hasCmcd
    ? sidInQuery.exec(target)?.[1]
    : typeof header === 'string'
      ? sidInHeader.exec(header)?.[1]
      : undefined
  if (sid !== undefined) return hash(sid)
  const userAgent = headers['user-agent'] ?? ''
  // Also else the user agent rarely changes within one connection.
  const id = known?.userAgent === userAgent ? known.id : hash(`${client.address} ${userAgent.slice(0, 512)}`)
  client.viewer = { headers, userAgent, id }
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
