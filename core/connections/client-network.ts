/**
 * Returns the network by which limits per client count. For an IPv6 address this is its /64, because a client
 * usually has a whole /64 and may use any address in it. An IPv4 address counts alone, also when it is mapped
 * to IPv6 (RFC 4291 2.5.5.2). `address` is in a form that node:net returns.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [front = '', back] = address.split('%', 1)[0]?.split('::') ?? []
  const groups = front === '' ? [] : front.split(':')
  const behind = back === undefined || back === '' ? [] : back.split(':')
  // The last group may be an IPv4 address, which is as long as two groups.
  const length = groups.length + behind.length + Number(behind.at(-1)?.includes('.') ?? false)
  const zeros = back === undefined ? 0 : Math.max(0, 8 - length)
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...behind]
  const network = all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
  return `${network.join(':')}::/64`
}

/** Whether an address is a loopback address (127.0.0.0/8 or ::1), so that the client is on this machine. */
export const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.|^::1$/i.test(address)
