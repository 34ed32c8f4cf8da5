import { BlockList, isIP } from 'node:net'
import { networkTest, plainAddress } from '../../core/connections/networks.ts'

// Networks in which no endpoint of the internet is (RFC 6890 and the registries of special addresses of
// IANA). Clouds have their metadata services in 169.254.0.0/16 and fd00:ec2::/32.

const private4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
/** The first one has loopback. Others have addresses of IPv4 within them, which could be private ones. */
const private6 = [
  ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
  ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]

export type AddressPolicy = ReturnType<typeof createAddressPolicy>

/**
 * Returns a test for the addresses to which webhooks may connect: public ones, and those in the networks that
 * the operator allows. `allowed` are texts that `isNetwork` accepts.
 */
export function createAddressPolicy(allowed: readonly string[]): (address: string) => boolean {
  const isAllowed = networkTest(allowed)
  // Two lists, because one compares addresses of IPv4 with networks of IPv6 too.
  const lists = { 4: listOf(private4, 'ipv4'), 6: listOf(private6, 'ipv6') }
  return (address) => {
    const plain = plainAddress(address)
    const family = isIP(plain)
    if (family !== 4 && family !== 6) return false
    return isAllowed(plain) || !lists[family].check(plain, `ipv${family}`)
  }
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), family)
  }
  return list
}
