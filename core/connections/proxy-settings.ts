import type { Parse } from '../process/settings.ts'
import { isNetwork } from './networks.ts'

const readNetworks: Parse<string[]> = (value) => {
  const networks = (value ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
  for (const network of networks)
    if (!isNetwork(network))
      throw new Error(
        `must be addresses and networks such as 10.0.0.0/8, separated by commas, not ${network}`,
      )
  return networks
}

/** Setting of roles that clients reach, to be spread into their own. */
export const proxySettings = {
  /** Addresses and networks of proxies that are believed who their clients are. */
  trustedProxies: { variable: 'NOWCAST_TRUSTED_PROXIES', read: readNetworks },
} as const
