import { type EndReason, endReasons } from '../core/contracts/end-reason.ts'
import { addGauge, Counter, createMetrics } from '../core/process/metrics.ts'
import { type ClockFault, clockFaults } from './clock/clock-fault.ts'
import type { RefusalReason } from './publish/refusal.ts'

/** Figures that `createIngestMetrics` reads at each scrape. */
export interface IngestState {
  connections: number
  /** All live sessions, including `waitingSessions`. */
  sessions: number
  /** Sessions that no transcoder has worked on for more than 5 s. */
  withoutTranscode: number
  /** Sessions that no transcoder works on, and the longest time for which one has had none, s. */
  transcodeQueue: number
  transcodeWaitSeconds: number
  waitingSessions: number
  flvSubscribers: number
  /** Bytes received over RTMP since the process started, including handshakes and closed connections. */
  receivedBytes: number
}

/**
 * Creates the metrics of ingest. `readState` is called at each scrape, so that no packet has to update a
 * gauge.
 */
export function createIngestMetrics(readState: () => IngestState) {
  const registry = createMetrics('ingest')
  const registers: [typeof registry] = [registry]
  registerState(registry, readState)
  new Counter({
    name: 'nowcast_ingest_received_bytes_total',
    help: 'Bytes received over RTMP',
    registers,
    collect() {
      this.reset()
      this.inc(readState().receivedBytes)
    },
  })
  const refusals = new Counter({
    name: 'nowcast_ingest_refusals_total',
    help: 'Connections that ended without a session, by reason',
    labelNames: ['reason'],
    registers,
  })
  const ended = new Counter({
    name: 'nowcast_ingest_sessions_ended_total',
    help: 'Sessions that ended, by reason',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of endReasons) ended.inc({ reason }, 0)
  const interruptions = new Counter({
    name: 'nowcast_ingest_interruptions_total',
    help: 'Sessions that lost their publisher and began to wait for its return',
    registers,
  })
  const corrections = new Counter({
    name: 'nowcast_ingest_clock_corrections_total',
    help: "Corrections of publishers' timestamps, by kind of fault",
    labelNames: ['fault'],
    registers,
  })
  for (const fault of clockFaults) corrections.inc({ fault }, 0)
  const dropped = new Counter({
    name: 'nowcast_ingest_flv_readers_dropped_total',
    help: 'FLV subscribers that were dropped because they were too slow',
    registers,
  })
  return {
    registry,
    refused: (reason: RefusalReason) => refusals.inc({ reason }),
    subscriberDropped: () => dropped.inc(),
    sessions: {
      onEnded: (reason: EndReason) => ended.inc({ reason }),
      onInterrupted: () => interruptions.inc(),
      onClockCorrection: (fault: ClockFault) => corrections.inc({ fault }),
    },
    /** Adds the gauge of the expiry of the RTMPS certificate. Called only when RTMPS is on. */
    addCertificate(certificate: Certificate): void {
      const name = 'nowcast_ingest_certificate_valid_until_seconds'
      const help = 'When the certificate in use expires, seconds since the epoch'
      addGauge(registry, { name, help }, () => certificate.validUntil / 1000)
    },
  }
}

/** Registers the gauges of what `readState` returns. */
function registerState(registry: ReturnType<typeof createMetrics>, readState: () => IngestState): void {
  const gauge = (name: string, help: string, read: (state: IngestState) => number) =>
    addGauge(registry, { name, help }, () => read(readState()))
  gauge('nowcast_ingest_connections', 'Open RTMP connections', (state) => state.connections)
  gauge('nowcast_ingest_sessions', 'Live sessions', (state) => state.sessions)
  gauge(
    'nowcast_ingest_sessions_without_transcode',
    'Sessions that no transcoder has worked on for 5 s',
    (state) => state.withoutTranscode,
  )
  gauge(
    'nowcast_ingest_transcode_queue',
    'Sessions that wait for a transcoder',
    (state) => state.transcodeQueue,
  )
  gauge(
    'nowcast_ingest_transcode_wait_seconds',
    'Longest time for which one of them has waited',
    (state) => state.transcodeWaitSeconds,
  )
  gauge(
    'nowcast_ingest_sessions_waiting',
    'Live sessions that wait for their publisher to return',
    (state) => state.waitingSessions,
  )
  gauge('nowcast_ingest_flv_readers', 'Transcoders that pull FLV', (state) => state.flvSubscribers)
}

interface Certificate {
  /** Expiry of the certificate in use, ms since the epoch. It changes when the files are reloaded. */
  readonly validUntil: number
}
