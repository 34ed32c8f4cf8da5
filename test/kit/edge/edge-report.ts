import type { EdgeLoad, EdgeReport } from '../../../core/contracts/edge-roster.ts'

/** Returns the report of an edge at `https://<pathway>.example`. By default it serves and has no load. */
export function edgeReport(
  pathway: string,
  load: Partial<EdgeLoad> = {},
  state: EdgeReport['state'] = 'serving',
): EdgeReport {
  return {
    pathway,
    place: { url: `https://${pathway}.example`, scheme: 'http', host: '0.0.0.0', port: 8088 },
    state,
    load: { viewers: 0, delayMs: 0, busy: 0, egressBits: 0, overload: 0, ...load },
    startedAt: 0,
  }
}
