import { integer, optionalPort, port, readSettings, text } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'
import { tlsSettings } from '../core/process/tls-settings.ts'

const shape = {
  ...sharedSettings,
  rtmpPort: port('NOWCAST_RTMP_PORT', 1935),
  /** RTMPS is off when unset. It needs both TLS files. */
  rtmpsPort: optionalPort('NOWCAST_RTMPS_PORT'),
  ...tlsSettings,
  /** FLV for transcoders, health and metrics. */
  httpPort: port('NOWCAST_INGEST_HTTP_PORT', 0),
  /** Maximum number of RTMP connections, in total and per address. More are closed at once. */
  maxConnections: integer('NOWCAST_INGEST_MAX_CONNECTIONS', 500, 1, 100_000),
  maxConnectionsPerAddress: integer('NOWCAST_INGEST_MAX_CONNECTIONS_PER_ADDRESS', 64, 1, 100_000),
  /** The ffmpeg that transcoders run. Its version decides whether enhanced RTMP is accepted. */
  ffmpeg: text('NOWCAST_FFMPEG', 'ffmpeg'),
} as const

/** Reads the settings of ingest. @throws NowcastError `bad_settings` */
export const readIngestSettings = (environment = process.env) => readSettings(shape, environment)

export type IngestSettings = ReturnType<typeof readIngestSettings>
