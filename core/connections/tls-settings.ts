import { text } from '../process/settings.ts'

/**
 * Paths of PEM files: the certificate with its chain, and its private key. A role with TLS spreads them into
 * its settings.
 */
export const tlsSettings = {
  tlsCert: text('NOWCAST_TLS_CERT'),
  tlsKey: text('NOWCAST_TLS_KEY'),
} as const
