import { addGauge, Counter, type Registry } from '../../core/process/metrics.ts'
import type { SecureFront } from './secure-front.ts'

export function addTlsMetrics(
  registry: Registry,
  secure: Pick<SecureFront, 'http2Connections' | 'floods'>,
  certificate: { readonly validUntil: number },
): void {
  addGauge(
    registry,
    { name: 'nowcast_edge_http2_connections', help: 'Open client connections that use HTTP/2' },
    () => secure.http2Connections,
  )
  new Counter({
    name: 'nowcast_edge_http2_floods_total',
    help: 'HTTP/2 connections ended because they flooded the edge',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(secure.floods)
    },
  })
  addGauge(
    registry,
    {
      name: 'nowcast_edge_certificate_valid_until_seconds',
      help: 'When the certificate in use expires, seconds since the epoch',
      aggregator: 'min',
    },
    () => certificate.validUntil / 1000,
  )
}
