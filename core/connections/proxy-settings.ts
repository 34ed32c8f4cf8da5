import type { Parse } from '../process/settings.ts'
import { isNetwork } from './networks.ts'

/** Parses a list of addresses and networks, separated by commas. */
export const readNetworks: Parse<string[]> = (value) => {
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

/** Setting of the roles to which clients connect. Each spreads it into its own settings. */
export const proxySettings = {
  /** Addresses and networks of proxies that may state the address of their client. */
  trustedProxies: { variable: 'NOWCAST_TRUSTED_PROXIES', read: readNetworks },
} as const
