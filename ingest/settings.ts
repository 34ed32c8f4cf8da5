import { proxySettings } from '../core/connections/proxy-settings.ts'
import { integer, optionalPort, port, readSettings } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'
import { tlsSettings } from '../core/process/tls-settings.ts'

const shape = {
  ...sharedSettings,
  rtmpPort: port('NOWCAST_RTMP_PORT', 1935),
  /** RTMPS is off when unset. It needs both TLS files. */
  rtmpsPort: optionalPort('NOWCAST_RTMPS_PORT'),
  ...tlsSettings,
  ...proxySettings,
  /** Port for transcoders and for operators: FLV, health and metrics. 0 chooses a free one. */
  httpPort: port('NOWCAST_INGEST_HTTP_PORT', 0),
  /** Maximum number of RTMP connections, in total and per address. Further connections are closed at once. */
  maxConnections: integer('NOWCAST_INGEST_MAX_CONNECTIONS', 500, 1, 100_000),
  maxConnectionsPerAddress: integer('NOWCAST_INGEST_MAX_CONNECTIONS_PER_ADDRESS', 64, 1, 100_000),
  /** Time for which a session waits for its publisher to return, unless its channel says otherwise, ms. */
  graceMs: integer('NOWCAST_GRACE_MS', 30_000, 0, 300_000),
  /** Maximum bitrate of one publisher, Mbit/s; 0 means no limit. */
  maxBitrateMbps: integer('NOWCAST_INGEST_MAX_BITRATE_MBPS', 50, 0, 10_000),
  /** Maximum size of the picture, pixels. It applies to upright pictures too. */
  maxPicture: pictureSize('NOWCAST_INGEST_MAX_PICTURE', '8192x4320'),
  /** Maximum number of pixels per second, in millions. A picture of 2160p60 has 498. */
  maxMegapixels: integer('NOWCAST_INGEST_MAX_MEGAPIXELS', 600, 1, 100_000),
} as const

/**
 * Describes a setting whose value is a size such as `8192x4320`, pixels. The order of the sides does not
 * matter.
 */
function pictureSize(variable: string, fallback: string) {
  return {
    variable,
    read(value: string | undefined) {
      const [, long, short] = /^(\d{2,5})x(\d{2,5})$/.exec(value ?? fallback) ?? []
      if (long === undefined || short === undefined) throw new Error('must be a size such as 8192x4320')
      const sides = [Number(long), Number(short)]
      return { maxLong: Math.max(...sides), maxShort: Math.min(...sides) }
    },
  }
}

export const readIngestSettings = (environment = process.env) => readSettings(shape, environment)

export type IngestSettings = ReturnType<typeof readIngestSettings>
