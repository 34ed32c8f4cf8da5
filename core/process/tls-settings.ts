import { text } from './settings.ts'

/**
 * Paths of PEM files: the certificate with its chain, and its private key. Spread them into the settings of a
 * role with TLS.
 */
export const tlsSettings = {
  tlsCert: text('NOWCAST_TLS_CERT'),
  tlsKey: text('NOWCAST_TLS_KEY'),
} as const
