import { BlockList, isIP } from 'node:net'

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/**
 * Returns an address in the form in which addresses are compared with networks: without a zone id, and as
 * IPv4 if it is mapped to IPv6 (RFC 4291 2.5.5.2), as addresses of IPv4 clients are on dual-stack sockets.
 */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%')
  const bare = zone < 0 ? address : address.slice(0, zone)
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare
}

/** Whether the text is an IP address, or a network in CIDR notation such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32))
}

/** Returns a test for addresses in any of `networks`, which are texts that `isNetwork` accepts. */
export function networkTest(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const text of networks) {
    const [network = '', prefix] = text.split('/')
    if (prefix === undefined) list.addAddress(plainAddress(network), familyOf(plainAddress(network)))
    else list.addSubnet(network, Number(prefix), familyOf(network))
  }
  return (address) => {
    const plain = plainAddress(address)
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain))
  }
}
