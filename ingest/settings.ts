import { proxySettings } from '../core/connections/proxy-settings.ts'
import { tlsSettings } from '../core/connections/tls-settings.ts'
import { integer, optionalPort, port, readSettings } from '../core/process/settings.ts'
import { sharedSettings } from '../core/process/shared-settings.ts'

const shape = {
  ...sharedSettings,
  rtmpPort: port('NOWCAST_RTMP_PORT', 1935),
  /** RTMPS is off when unset. It needs both TLS files. */
  rtmpsPort: optionalPort('NOWCAST_RTMPS_PORT'),
  ...tlsSettings,
  ...proxySettings,
  /** Port of the HTTP server for transcoders (FLV) and operators (health, metrics); 0: any free port. */
  httpPort: port('NOWCAST_INGEST_HTTP_PORT', 0),
  /**
   * Maximum number of RTMP connections, in total and per network (an IPv4 address or a /64 of IPv6). At the
   * limit, a newcomer replaces a client that has never published, and is refused if there is no such client.
   */
  maxConnections: integer('NOWCAST_INGEST_MAX_CONNECTIONS', 500, 1, 100_000),
  maxConnectionsPerAddress: integer('NOWCAST_INGEST_MAX_CONNECTIONS_PER_ADDRESS', 64, 1, 100_000),
  /** Grace time of channels that do not set their own, ms: how long a session waits for its publisher. */
  graceMs: integer('NOWCAST_GRACE_MS', 30_000, 0, 300_000),
  /** Time that a drain waits for publishers to leave before it asks them to connect again, s. */
  drainSeconds: integer('NOWCAST_INGEST_DRAIN_SECONDS', 0, 0, 86_400),
  /** Maximum bitrate of one publisher, Mbit/s; 0: no limit. A session that exceeds it for 5 s ends. */
  maxBitrateMbps: integer('NOWCAST_INGEST_MAX_BITRATE_MBPS', 50, 0, 10_000),
  /** Maximum length of the longer and the shorter side of the picture, pixels, in either orientation. */
  maxPicture: pictureSize('NOWCAST_INGEST_MAX_PICTURE', '8192x4320'),
  /** Maximum number of pixels per second, in millions. 3840x2160 at 60 frames/s has 498. */
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
